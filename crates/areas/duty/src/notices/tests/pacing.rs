//! Quiet hours, wishes, limits and the pace of channels; none of them holds back safety.

use kernel::Id;
use registry::{Person, PersonKind};
use serde_json::{Map, Value as Json, json};

use super::{ORG, Provider, World, by, by_sms, each, route};
use crate::notices::{Channel, ItemState, Kind, Stage, rules::Preference, set_preference};

fn fault() -> Map<String, Json> {
    let said = json!({
        "place": "九里街", "since": "2026-03-10T13:42:00Z", "reason": "支线跳闸",
        "restore_from": "2026-03-10T14:10:00Z", "restore_to": "2026-03-10T15:10:00Z",
    });
    said.as_object().cloned().unwrap()
}

async fn wish(world: &World, person: i64, wish: Preference) {
    let mut tx = world.test.db.begin().await.unwrap();
    let id = Id::from_i64(person);
    let row = Person {
        id,
        org: ORG,
        kind: PersonKind::Person,
        name: "张伟".into(),
        name_pinyin: "zhangwei".into(),
        name_initials: "zw".into(),
        id_document: None,
        language: "zh".into(),
        merged_into: None,
        created_at: tx.now(),
        version: 1,
    };
    tx.insert("person", &row).await.unwrap();
    set_preference(&world.ctx(), &mut tx, (ORG, ORG, id), &wish).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn plans_wait_for_the_morning_and_faults_do_not() {
    each(|world| async move {
        let sms = Provider::of(Channel::Sms);
        world.now("2026-03-10T22:00");
        world.plan(1, 8, vec![by_sms(1)]).await;
        world.announce(Kind::Fault, Stage::During, (1, &fault()), vec![by_sms(2)]).await.unwrap();
        assert_eq!(world.send(&sms).await, 1);
        assert_eq!(sms.people(), [2]);
        world.now("2026-03-11T07:59");
        assert_eq!(world.send(&sms).await, 0);
        world.now("2026-03-11T08:00");
        assert_eq!(world.send(&sms).await, 1);
    });
}

#[test]
fn a_queue_that_runs_into_the_night_stops_there() {
    each(|world| async move {
        let sms = Provider::of(Channel::Sms);
        world.now("2026-03-10T20:59");
        world.plan(1, 8, vec![by_sms(1)]).await;
        world.now("2026-03-10T21:01");
        assert_eq!(world.send(&sms).await, 0);
        world.now("2026-03-11T08:00");
        assert_eq!(world.send(&sms).await, 1);
    });
}

#[test]
fn a_person_is_told_as_they_wish_but_of_dangers_in_any_case() {
    each(|world| async move {
        let (sms, email) = (Provider::of(Channel::Sms), Provider::of(Channel::Email));
        let channels = vec![Channel::Email];
        wish(&world, 1, Preference { channels, ..Preference::default() }).await;
        let unwanted = vec![Kind::Planned];
        wish(&world, 2, Preference { unwanted, ..Preference::default() }).await;
        let noon = ("09:00".parse().unwrap(), "12:00".parse().unwrap());
        wish(&world, 3, Preference { quiet: Some(noon), ..Preference::default() }).await;
        let both = vec![route(Channel::Sms, "+1"), route(Channel::Email, "a@b.cn")];
        let done = world.plan(1, 8, vec![by(1, both), by_sms(2), by_sms(3)]).await;
        assert_eq!((done.queued, done.withheld), (2, 1));
        assert_eq!(world.item(done.notice, 2).await.reason.as_deref(), Some("unwanted"));
        assert_eq!((world.send(&email).await, world.send(&sms).await), (1, 0));
        world.now("2026-03-10T12:00");
        assert_eq!(world.send(&sms).await, 1);
        world.now("2026-03-11T10:00");
        let people = vec![by_sms(2), by_sms(3)];
        let during =
            world.announce(Kind::Planned, Stage::During, (1, &super::plan(8)), people).await;
        assert_eq!(during.unwrap().queued, 2);
        assert_eq!(world.send(&sms).await, 2, "that power goes now is told in any case");
    });
}

#[test]
fn nobody_gets_more_than_the_day_allows_but_dangers() {
    each(|world| async move {
        let sms = Provider::of(Channel::Sms);
        let limit = i64::from(world.works.notices.policy.person_day);
        for version in 1..=limit + 1 {
            let last = world.plan(version, 8, vec![by_sms(1)]).await;
            let sent = world.send(&sms).await;
            assert_eq!(sent, u64::from(version <= limit));
            if version > limit {
                let row = world.item(last.notice, 1).await;
                assert_eq!(row.state, ItemState::Withheld);
                assert_eq!(row.reason.as_deref(), Some("daily_limit"));
            }
        }
        world.announce(Kind::Fault, Stage::During, (9, &fault()), vec![by_sms(1)]).await.unwrap();
        assert_eq!(world.send(&sms).await, 1);
    });
}

#[test]
fn a_channel_keeps_its_pace_and_sends_safety_first() {
    each(|mut world| async move {
        let mut rules = crate::NoticeRules::bundled(world.works.notices.zone.clone()).unwrap();
        rules.policy.per_second.insert(Channel::Sms, 3);
        world.works.notices = std::sync::Arc::new(rules);
        let sms = Provider::of(Channel::Sms);
        world.plan(1, 8, (1..=20).map(by_sms).collect()).await;
        let dark = (30..=40).map(by_sms).collect();
        world.announce(Kind::Fault, Stage::During, (1, &fault()), dark).await.unwrap();
        assert_eq!(world.send(&sms).await, 15, "three a second over five seconds");
        assert_eq!(world.send(&sms).await, 0);
        assert_eq!(sms.people()[..11], (30..=40).collect::<Vec<i64>>());
        let mut rounds = 0;
        while world.send(&sms).await > 0 || rounds == 0 {
            world.wait(5);
            rounds += 1;
        }
        let mut people = sms.people();
        people.sort_unstable();
        assert_eq!(people, (1..=20).chain(30..=40).collect::<Vec<i64>>());
    });
}
