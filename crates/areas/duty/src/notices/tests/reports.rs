//! Reports of providers: each counts once, in any order.

use kernel::Id;

use super::{Provider, World, by, by_sms, each, route};
use crate::notices::{Accepted, Channel, ItemState, Receipt};

async fn sent(world: &World) -> (Id, String) {
    let sms = Provider::of(Channel::Sms);
    let both = vec![route(Channel::Sms, "+1"), route(Channel::Email, "a@b.cn")];
    let done = world.plan(1, 8, vec![by(1, both)]).await;
    world.send(&sms).await;
    let send = sms.handed.lock().unwrap()[0].send;
    (done.notice, format!("P{send}"))
}

#[test]
fn reports_count_once_and_never_go_back() {
    each(|world| async move {
        let (notice, name) = sent(&world).await;
        let state = async || world.item(notice, 1).await.state;
        assert_eq!(state().await, ItemState::Sent);
        assert!(world.report(&name, Receipt::Read).await);
        assert!(!world.report(&name, Receipt::Read).await, "the same report again");
        assert_eq!(state().await, ItemState::Read);
        // What arrives late changes nothing that is known better.
        assert!(world.report(&name, Receipt::Delivered).await);
        assert!(world.report(&name, Receipt::Failed).await);
        assert_eq!(state().await, ItemState::Read);
        assert!(world.report(&name, Receipt::Acknowledged).await);
        assert_eq!(state().await, ItemState::Acknowledged);
        let email = Provider::of(Channel::Email);
        assert_eq!(world.send(&email).await, 0);
    });
}

#[test]
fn a_message_that_was_not_delivered_goes_by_the_next_channel() {
    each(|world| async move {
        let (notice, name) = sent(&world).await;
        let email = Provider::of(Channel::Email);
        assert!(world.report(&name, Receipt::Failed).await);
        assert!(!world.report(&name, Receipt::Failed).await);
        assert_eq!(world.send(&email).await, 1);
        assert_eq!(world.item(notice, 1).await.state, ItemState::Sent);
        // The short message arrives after all: the person has it.
        assert!(world.report(&name, Receipt::Delivered).await);
        assert_eq!(world.item(notice, 1).await.state, ItemState::Delivered);
    });
}

#[test]
fn a_report_that_overtakes_the_answer_is_kept_for_it() {
    each(|world| async move {
        let done = world.plan(1, 8, vec![by_sms(1)]).await;
        let rules = &world.works.notices;
        let mut tx = world.test.db.begin().await.unwrap();
        let claimed = crate::notices::ops::claim(&mut tx, rules, Channel::Sms, 1).await.unwrap();
        tx.commit().await.unwrap();
        assert!(world.report("X1", Receipt::Delivered).await);
        assert_eq!(world.item(done.notice, 1).await.state, ItemState::Sending);
        let mut tx = world.test.db.begin().await.unwrap();
        let answer = Ok(Accepted { provider_ref: Some("X1".into()), is_delivered: false });
        let send = claimed.messages[0].send;
        crate::notices::ops::record(&mut tx, rules, send, &answer, false).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.item(done.notice, 1).await.state, ItemState::Delivered);
    });
}
