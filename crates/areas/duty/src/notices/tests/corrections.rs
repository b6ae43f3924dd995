//! T-15: who heard what is no longer true hears what is, once, within a minute.

use access::Actor;
use kernel::Id;
use registry::{Person, PersonKind, people::AddContact, people::ContactForm, people::add_contact};

use super::{ORG, Provider, World, by, by_sms, each, plan, route};
use crate::notices::{
    Changed, Channel, ItemState, Kind, Stage, Told, jobs, note_told, queries, record_changed,
};

async fn change(world: &World, version: i64, hour: u32) -> bool {
    let mut tx = world.test.db.begin().await.unwrap();
    let change = Changed {
        org: ORG,
        kind: Kind::Planned,
        subject: ("outage", Id::from_i64(1)),
        record_version: version,
        variables: &plan(hour),
    };
    let rules = &world.works.notices;
    let is_new = record_changed(&world.ctx(), &mut tx, rules, change).await.unwrap();
    tx.commit().await.unwrap();
    is_new
}

async fn correct(world: &World) -> u64 {
    jobs::correct_all(&world.works, &Actor::program("job:duty.correct")).await.unwrap()
}

async fn told(world: &World, person: i64, version: i64, door: &str) {
    let mut tx = world.test.db.begin().await.unwrap();
    let told = Told {
        org: ORG,
        subject: ("outage", Id::from_i64(1)),
        record_version: version,
        person: Id::from_i64(person),
        door,
    };
    note_told(&world.ctx(), &mut tx, told).await.unwrap();
    tx.commit().await.unwrap();
}

async fn person_with_phone(world: &World, id: i64) {
    let mut tx = world.test.db.begin().await.unwrap();
    let row = Person {
        id: Id::from_i64(id),
        org: ORG,
        kind: PersonKind::Person,
        name: "张伟".into(),
        name_pinyin: "zhangwei".into(),
        name_initials: "zw".into(),
        id_document: None,
        language: "en".into(),
        merged_into: None,
        created_at: tx.now(),
        version: 1,
    };
    tx.insert("person", &row).await.unwrap();
    let form = ContactForm {
        channel: "sms".into(),
        value: "13800000099".into(),
        role: "user".into(),
        preferred: true,
    };
    let command = AddContact { org: ORG, person: row.id, form };
    add_contact(&world.ctx(), &mut tx, command).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn whoever_heard_an_old_version_by_any_door_is_corrected_once() {
    each(|world| async move {
        let (sms, email) = (Provider::of(Channel::Sms), Provider::of(Channel::Email));
        person_with_phone(&world, 9).await;
        world
            .plan(1, 8, vec![by_sms(1), by(2, vec![route(Channel::Email, "a@b.cn")]), by_sms(3)])
            .await;
        world.send(&sms).await;
        // The mail server sleeps: person 2 has not heard anything yet. Person 9 asked an agent.
        told(&world, 9, 1, "agent").await;
        assert!(change(&world, 2, 9).await);
        assert!(!change(&world, 2, 9).await && !change(&world, 1, 8).await, "not newer");
        // Person 3 was told the new version by the agent already.
        told(&world, 3, 2, "agent").await;
        assert_eq!(correct(&world).await, 3);
        assert_eq!(correct(&world).await, 0);
        world.send(&sms).await;
        world.send(&email).await;
        assert_eq!(sms.people(), [1, 3, 1, 9]);
        let texts = sms.texts();
        assert!(texts[2].starts_with("【供电】更正") && texts[2].contains("17:00"), "{}", texts[2]);
        assert!(texts[3].starts_with("Correction"), "{}", texts[3]);
        // Who had not heard the old version hears the new one, and no correction of it.
        assert_eq!(email.people(), [2]);
        assert!(email.texts()[0].contains("将于") && email.texts()[0].contains("17:00"));

        let mut tx = world.test.db.read().await.unwrap();
        let key = ("outage", Id::from_i64(1));
        let from = Id::from_i64(0);
        let heard = queries::who_heard_what(&world.ctx(), &mut tx, ORG, key, from, 100).await;
        let heard: Vec<(i64, i64, String)> = heard
            .unwrap()
            .into_iter()
            .map(|row| (row.person.get(), row.record_version, row.door))
            .collect();
        let expected = [
            (1, 1, "sms"),
            (1, 2, "sms"),
            (2, 2, "email"),
            (3, 1, "sms"),
            (3, 2, "agent"),
            (9, 1, "agent"),
            (9, 2, "sms"),
        ];
        assert_eq!(
            heard,
            expected.map(|(person, version, door)| (person, version, door.to_owned()))
        );
    });
}

#[test]
fn a_message_of_the_new_version_under_way_needs_no_correction() {
    each(|world| async move {
        let sms = Provider::of(Channel::Sms);
        world.plan(1, 8, vec![by_sms(1)]).await;
        world.send(&sms).await;
        change(&world, 2, 9).await;
        let during = (2, &plan(9));
        world.announce(Kind::Planned, Stage::During, during, vec![by_sms(1)]).await.unwrap();
        assert_eq!(correct(&world).await, 0);
        world.send(&sms).await;
        assert_eq!(sms.people(), [1, 1]);
    });
}

#[test]
fn two_changes_before_anybody_was_told_make_one_message() {
    each(|world| async move {
        let sms = Provider::of(Channel::Sms);
        let first = world.plan(1, 8, vec![by_sms(1)]).await;
        change(&world, 2, 9).await;
        correct(&world).await;
        change(&world, 3, 10).await;
        correct(&world).await;
        world.send(&sms).await;
        assert_eq!(sms.people(), [1]);
        assert!(sms.texts()[0].contains("18:00"));
        assert_eq!(world.item(first.notice, 1).await.state, ItemState::Superseded);
    });
}

#[test]
fn a_call_that_nobody_made_yet_is_made_with_the_new_version() {
    each(|world| async move {
        world.plan(1, 8, vec![by(1, vec![route(Channel::Call, "+8625")])]).await;
        jobs::hand_out_calls(&world.works).await.unwrap();
        change(&world, 2, 9).await;
        assert_eq!(correct(&world).await, 1);
        jobs::hand_out_calls(&world.works).await.unwrap();
        let mut tx = world.test.db.read().await.unwrap();
        let calls =
            queries::calls(&world.ctx(), &mut tx, ORG, &store::Page::first()).await.unwrap();
        assert_eq!(calls.items.len(), 1);
        let notices = queries::about(&world.ctx(), &mut tx, ORG, ("outage", Id::from_i64(1))).await;
        let notices = notices.unwrap();
        assert_eq!(notices.len(), 2);
        assert_eq!(calls.items[0].notice, notices[1].0.id);
        assert_eq!(notices[1].0.stage, Stage::Before, "it is told, not corrected");
    });
}

#[test]
fn what_comes_after_reaches_exactly_those_who_were_told_and_nothing_outdated_goes_out() {
    each(|world| async move {
        let sms = Provider::of(Channel::Sms);
        person_with_phone(&world, 9).await;
        world.plan(1, 8, vec![by_sms(1), by(2, vec![]), by_sms(3)]).await;
        world.send(&sms).await;
        told(&world, 9, 1, "ivr").await;
        told(&world, 1, 1, "agent").await;
        let mut tx = world.test.db.read().await.unwrap();
        let subject = ("outage", Id::from_i64(1));
        let people = crate::notices::everybody_told(&mut tx, ORG, subject).await.unwrap();
        drop(tx);
        let people: Vec<(i64, String)> =
            people.iter().map(|one| (one.person.get(), one.routes[0].address.clone())).collect();
        let expected = [(1, "+8613800000001"), (3, "+8613800000003"), (9, "+8613800000099")];
        assert_eq!(people, expected.map(|(person, address)| (person, address.to_owned())));
        change(&world, 2, 9).await;
        let late = world
            .announce(Kind::Planned, Stage::During, (1, &plan(8)), vec![by_sms(5)])
            .await
            .unwrap_err();
        assert!(late.to_string().contains("newer version"), "{late}");
    });
}
