//! Recorded calls: done with proof, missed into the next channel.

use kernel::Id;
use store::Page;

use super::{ORG, Provider, World, by, each, route};
use crate::notices::{
    CallProof, CallRow, Channel, ItemState, NoticeError, Receipt, acknowledge, complete_call, jobs,
    miss_call, queries,
};

async fn list(world: &World) -> Vec<CallRow> {
    jobs::hand_out_calls(&world.works).await.unwrap();
    let mut tx = world.test.db.read().await.unwrap();
    queries::calls(&world.ctx(), &mut tx, ORG, &Page::first()).await.unwrap().items
}

async fn unconfirmed(world: &World, notice: Id) -> Vec<i64> {
    let mut tx = world.test.db.read().await.unwrap();
    let rows = queries::who_has_not_confirmed(&mut tx, notice).await.unwrap();
    rows.iter().map(|row| row.person.get()).collect()
}

#[test]
fn an_order_stays_locked_until_every_call_is_confirmed_with_its_recording() {
    each(|world| async move {
        // T-02: important users are called besides the short message.
        let call = |person| by(person, vec![route(Channel::Call, "+862588")]);
        let done = world.plan(1, 8, vec![call(1), call(2)]).await;
        let calls = list(&world).await;
        assert_eq!(calls.len(), 2);
        assert_eq!(list(&world).await.len(), 2, "handed out once");
        assert_eq!(unconfirmed(&world, done.notice).await, [1, 2]);
        let mut tx = world.test.db.begin().await.unwrap();
        let proof =
            |recording| CallProof { recording, answered_by: "李医生", note: "家用制氧机" };
        let key = (ORG, calls[0].send);
        let refused = complete_call(&world.ctx(), &mut tx, key, proof(" ")).await;
        assert!(matches!(refused, Err(NoticeError::Invalid(_))));
        complete_call(&world.ctx(), &mut tx, key, proof("rec/2026/17.wav")).await.unwrap();
        let again = complete_call(&world.ctx(), &mut tx, key, proof("rec/2026/18.wav")).await;
        assert!(matches!(again, Err(NoticeError::State(_))));
        tx.commit().await.unwrap();
        assert_eq!(unconfirmed(&world, done.notice).await, [2]);
        assert_eq!(list(&world).await.len(), 1);
        let facts = {
            let mut tx = world.test.db.read().await.unwrap();
            store::facts_of_kind(&mut tx, ORG, "duty.call_confirmed", Id::from_i64(0), 10).await
        };
        assert!(facts.unwrap()[0].payload.contains("家用制氧机"), "the planner hears of it");
        // Calls do not grow stale as messages do.
        world.wait(100_000);
        world.send(&Provider::of(Channel::Sms)).await;
        assert_eq!(list(&world).await.len(), 1);
    });
}

#[test]
fn three_calls_without_an_answer_lead_to_the_next_channel() {
    each(|world| async move {
        let chain = vec![route(Channel::Call, "+862588"), route(Channel::Sms, "+861380")];
        let done = world.plan(1, 8, vec![by(1, chain)]).await;
        let send = list(&world).await[0].send;
        let sms = Provider::of(Channel::Sms);
        for attempt in 1..=3 {
            assert_eq!(world.send(&sms).await, 0, "attempt {attempt}");
            let mut tx = world.test.db.begin().await.unwrap();
            let key = (ORG, send);
            miss_call(&world.ctx(), &mut tx, &world.works.notices, key, "无人接听").await.unwrap();
            tx.commit().await.unwrap();
        }
        assert!(list(&world).await.is_empty());
        assert_eq!(world.send(&sms).await, 1);
        assert_eq!(world.item(done.notice, 1).await.state, ItemState::Sent);
    });
}

#[test]
fn a_customer_confirms_their_own_message_in_the_portal() {
    each(|world| async move {
        let done = world.plan(1, 8, vec![by(1, vec![route(Channel::Portal, "11")])]).await;
        world.send(&crate::notices::PortalBox).await;
        for (receipt, state) in [
            (Receipt::Acknowledged, ItemState::Acknowledged),
            (Receipt::Read, ItemState::Acknowledged),
        ] {
            let mut tx = world.test.db.begin().await.unwrap();
            let key = (done.notice, Id::from_i64(1));
            acknowledge(&world.ctx(), &mut tx, (ORG, ORG), key, receipt).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(world.item(done.notice, 1).await.state, state);
        }
        let mut tx = world.test.db.begin().await.unwrap();
        let visitor = access::Actor::visitor();
        let ctx = world.works.ctx(&visitor, "test");
        let key = (done.notice, Id::from_i64(1));
        let refused = acknowledge(&ctx, &mut tx, (ORG, ORG), key, Receipt::Read).await;
        assert!(matches!(refused, Err(NoticeError::Denied(_))));
    });
}
