//! From the announcement to the provider: once, by the first channel that works.

use kernel::{Fault as _, FaultKind, Id};

use super::{ORG, Provider, World, by, by_sms, each, plan, route};
use crate::notices::{
    Channel, ItemState, Kind, Language, NoticeError, PortalBox, Refusal, Stage, queries, reroute,
    resolve,
};

#[test]
fn everybody_is_told_once_in_their_language() {
    each(|world| async move {
        let sms = Provider::of(Channel::Sms);
        let mut foreigner = by_sms(2);
        foreigner.language = Language::En;
        let people = vec![by_sms(3), by_sms(1), foreigner, by_sms(1)];
        let done = world.plan(1, 8, people.clone()).await;
        assert_eq!((done.queued, done.known), (3, 0));
        assert_eq!(world.send(&sms).await, 3);
        assert_eq!(sms.people(), [1, 2, 3]);
        let texts = sms.texts();
        assert!(
            texts[0].contains("九里街1号将于3月20日08:00至3月20日16:00计划停电"),
            "{}",
            texts[0]
        );
        assert!(texts[1].contains("from 08:00 on 20 March to 16:00 on 20 March"), "{}", texts[1]);
        // Announced again with one more person: only that one hears it.
        let done = world.plan(1, 8, [people, vec![by_sms(4)]].concat()).await;
        assert_eq!((done.queued, done.known), (1, 3));
        assert_eq!(world.send(&sms).await, 1);
        assert_eq!(sms.people(), [1, 2, 3, 4]);
        assert_eq!(world.send(&sms).await, 0);
        assert_eq!(world.item(done.notice, 4).await.state, ItemState::Sent);
        // The text is written again to the letter from what is stored.
        let mut tx = world.test.db.read().await.unwrap();
        let key = (done.notice, Id::from_i64(1));
        let rules = &world.works.notices;
        let text = queries::text_of(&world.ctx(), &mut tx, rules, (ORG, ORG), key).await.unwrap();
        assert_eq!(text.text, texts[0]);
    });
}

#[test]
fn one_version_says_one_thing() {
    each(|world| async move {
        world.plan(1, 8, vec![by_sms(1)]).await;
        let other = (1, &plan(9));
        let refused =
            world.announce(Kind::Planned, Stage::Before, other, vec![by_sms(2)]).await.unwrap_err();
        assert_eq!(refused.kind(), FaultKind::Conflict);
        let mut unsaid = plan(8);
        unsaid.remove("reason");
        let refused = world.announce(Kind::Planned, Stage::Before, (2, &unsaid), vec![]).await;
        assert!(matches!(refused, Err(NoticeError::VariableMissing(_))));
    });
}

#[test]
fn a_refused_number_falls_back_and_who_has_none_is_an_exception() {
    each(|world| async move {
        let (sms, email) = (Provider::of(Channel::Sms), Provider::of(Channel::Email));
        sms.refuse(Refusal::Rejected("no such number".into()), 2);
        let both = vec![route(Channel::Sms, "+1"), route(Channel::Email, "a@b.cn")];
        let people = vec![by(1, both), by_sms(2), by(3, vec![]), by_sms(4)];
        let done = world.plan(1, 8, people).await;
        assert_eq!((done.queued, done.exceptions), (3, 1));
        world.send(&sms).await;
        world.send(&email).await;
        assert_eq!(email.people(), [1]);
        assert_eq!(world.item(done.notice, 1).await.state, ItemState::Sent);
        assert_eq!(world.item(done.notice, 4).await.state, ItemState::Sent);
        let expected = [(2, "refused".to_owned()), (3, "no_contact".to_owned())];
        assert_eq!(world.exceptions().await, expected);

        // A person finds a number for one and tells the other at the door.
        let mut tx = world.test.db.begin().await.unwrap();
        let found = [route(Channel::Sms, "+8613999")];
        let key = |person| (ORG, done.notice, Id::from_i64(person));
        reroute(&world.ctx(), &mut tx, key(3), &found).await.unwrap();
        assert!(resolve(&world.ctx(), &mut tx, key(2), " ").await.is_err());
        resolve(&world.ctx(), &mut tx, key(2), "上门告知").await.unwrap();
        assert!(resolve(&world.ctx(), &mut tx, key(2), "twice").await.is_err());
        tx.commit().await.unwrap();
        world.send(&sms).await;
        assert_eq!(sms.people(), [1, 2, 4, 3]);
        assert!(world.exceptions().await.is_empty());
        assert_eq!(world.item(done.notice, 2).await.state, ItemState::Delivered);
    });
}

#[test]
fn a_provider_that_does_not_answer_is_asked_again_and_holds_up_no_other() {
    each(|world| async move {
        let (sms, portal) = (Provider::of(Channel::Sms), PortalBox);
        sms.refuse(Refusal::Unavailable("connection refused".into()), 4);
        let chain = vec![route(Channel::Sms, "+1"), route(Channel::Portal, "11")];
        let done =
            world.plan(1, 8, vec![by(1, chain), by(2, vec![route(Channel::Portal, "22")])]).await;
        world.send(&sms).await;
        assert_eq!(world.send(&portal).await, 1, "the portal does not wait for the SMS centre");
        assert_eq!(world.item(done.notice, 2).await.state, ItemState::Delivered);
        assert_eq!(world.send(&sms).await, 0, "not before its time");
        for seconds in [30, 60, 120] {
            assert_eq!(world.item(done.notice, 1).await.state, ItemState::Queued);
            world.wait(seconds);
            assert_eq!(world.send(&sms).await, 1);
        }
        // Four attempts are enough: the next channel.
        assert_eq!(world.send(&portal).await, 1);
        let row = world.item(done.notice, 1).await;
        assert_eq!((row.state, row.channel.as_str()), (ItemState::Delivered, "portal"));
        let mut tx = world.test.db.read().await.unwrap();
        let key = (ORG, done.notice, Id::from_i64(1));
        let attempts = queries::attempts(&world.ctx(), &mut tx, key).await.unwrap();
        assert_eq!(attempts.len(), 5);
    });
}

#[test]
fn a_process_that_dies_with_messages_in_hand_tells_nobody_twice() {
    each(|world| async move {
        let done = world
            .plan(1, 8, vec![by_sms(1), by(2, vec![route(Channel::Webhook, "https://a.cn/h")])])
            .await;
        let rules = &world.works.notices;
        let mut first = None;
        for channel in [Channel::Sms, Channel::Webhook] {
            // Taken in hand and committed; then the process dies.
            let mut tx = world.test.db.begin().await.unwrap();
            let claimed = crate::notices::ops::claim(&mut tx, rules, channel, 100).await.unwrap();
            assert_eq!(claimed.messages.len(), 1);
            first = Some(claimed.messages[0].send);
            tx.commit().await.unwrap();
        }
        let (sms, webhook) = (Provider::of(Channel::Sms), Provider::of(Channel::Webhook));
        world.wait(200);
        assert_eq!(world.send(&sms).await + world.send(&webhook).await, 0, "it may still answer");
        world.wait(101);
        assert_eq!(world.send(&sms).await, 0);
        assert_eq!(world.exceptions().await, [(1, "uncertain".to_owned())]);
        // A request with the same id is heard once, so it may be repeated.
        assert_eq!(world.send(&webhook).await, 1);
        assert_eq!(Some(webhook.handed.lock().unwrap()[0].send), first);
        assert_eq!(world.item(done.notice, 2).await.state, ItemState::Sent);
    });
}

#[test]
fn an_answer_that_never_came_is_put_before_a_person() {
    each(|world: World| async move {
        let sms = Provider::of(Channel::Sms);
        sms.refuse(Refusal::Uncertain("the connection broke".into()), 1);
        world.plan(1, 8, vec![by_sms(1)]).await;
        world.send(&sms).await;
        assert_eq!(world.exceptions().await, [(1, "uncertain".to_owned())]);
        world.wait(10_000);
        assert_eq!(world.send(&sms).await, 0);
    });
}
