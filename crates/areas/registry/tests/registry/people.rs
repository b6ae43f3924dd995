//! Persons: their data changes, two of them turn out to be one, and who looks leaves a trace.

use std::collections::BTreeSet;

use access::{AccessError, Actor, Ctx};
use kernel::{Fault, FaultKind, Id};
use proptest::{
    prelude::any,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use registry::{
    ContactPoint, CustomerPage, RegistryError, account_page, customer_page,
    people::{
        AddContact, ChangeConsent, ChangeContact, ChangeName, ContactForm, MergePersons,
        UnmergePersons, add_contact, change_contact, change_name, consents_of, contacts_of,
        give_consent, merge_persons, unmerge_persons, withdraw_consent,
    },
    personal_data,
    search::MatchedBy,
};
use store::{Tx, testing::TestDb};

use crate::{
    finding::search,
    world::{ORG, each, settle_in, with_actor, with_ctx},
};

fn contact(channel: &str, value: &str, role: &str) -> ContactForm {
    ContactForm {
        channel: channel.into(),
        value: value.into(),
        role: role.into(),
        preferred: false,
    }
}

#[test]
fn a_new_telephone_is_found_and_the_old_one_forgotten() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let person = settle_in(&mut tx).await[0].person;
        with_ctx(async |ctx: &Ctx<'_>| {
            let old = contacts_of(&mut tx, person).await.unwrap().remove(0);
            let form = contact("sms", "139 0000 1111", "payer");
            let change = ChangeContact { org: ORG, contact: old.id, version: 1, form };
            change_contact(ctx, &mut tx, change.clone()).await.unwrap();
            let late = change_contact(ctx, &mut tx, change).await.unwrap_err();
            assert!(
                matches!(late, RegistryError::Changed { .. }) && late.kind() == FaultKind::Conflict
            );

            let add =
                AddContact { org: ORG, person, form: contact("email", "Z@Example.com", "user") };
            add_contact(ctx, &mut tx, add.clone()).await.unwrap();
            if tx.engine() == store::Engine::Sqlite {
                // On PostgreSQL a refused row ends the transaction.
                let twice = add_contact(ctx, &mut tx, add).await.unwrap_err();
                assert!(matches!(twice, RegistryError::Taken { .. }), "{twice}");
            }
        })
        .await;
        assert_eq!(search(&mut tx, ORG, "13812345678").await.hits, []);
        let found = search(&mut tx, ORG, "13900001111").await.hits;
        assert_eq!((found.len(), found[0].matched_by), (1, MatchedBy::Number));
        let object = format!("person:{person}");
        let audit = store::audit_of_object(&mut tx, &object, Id::from_i64(i64::MAX), 10);
        let texts: Vec<String> =
            audit.await.unwrap().into_iter().filter_map(|r| r.after_json).collect();
        assert!(texts.iter().any(|t| t.contains("139****1111")), "{texts:?}");
        assert!(!texts.iter().any(|t| t.contains("13900001111")), "{texts:?}");
    });
}

#[test]
fn a_new_name_is_found_and_the_old_one_forgotten() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let person = settle_in(&mut tx).await[1].person;
        with_ctx(async |ctx: &Ctx<'_>| {
            let command = ChangeName { org: ORG, person, version: 1, name: "曾小明".into() };
            change_name(ctx, &mut tx, command).await.unwrap();
        })
        .await;
        assert_eq!(search(&mut tx, ORG, "曾小明").await.hits[0].person, person);
        assert_eq!(search(&mut tx, ORG, "zengxm").await.hits, []);
        assert_eq!(search(&mut tx, ORG, "zxm").await.hits.len(), 1);
        assert!(search(&mut tx, ORG, "zhangwei").await.hits.iter().all(|h| h.person != person));
    });
}

#[test]
fn consent_is_given_once_and_taken_back() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let person = settle_in(&mut tx).await[0].person;
        with_ctx(async |ctx: &Ctx<'_>| {
            let command = ChangeConsent {
                org: ORG,
                person,
                purpose: "usage_analysis".into(),
                source: "portal".into(),
            };
            let first = give_consent(ctx, &mut tx, command.clone()).await.unwrap();
            assert_eq!(give_consent(ctx, &mut tx, command.clone()).await.unwrap(), first);
            test.clock.advance_seconds(60);
            assert!(withdraw_consent(ctx, &mut tx, command.clone()).await.unwrap());
            assert!(!withdraw_consent(ctx, &mut tx, command.clone()).await.unwrap());
            let second = give_consent(ctx, &mut tx, command).await.unwrap();
            let all = consents_of(&mut tx, person).await.unwrap();
            let open: Vec<Id> =
                all.iter().filter(|c| c.withdrawn_at.is_none()).map(|c| c.id).collect();
            assert_eq!((all.len(), open), (2, vec![second]));
        })
        .await;
    });
}

#[test]
fn the_customer_page_tells_all_of_it_masked_and_clear_data_leaves_a_trace() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let village = settle_in(&mut tx).await[3];
        with_ctx(async |ctx: &Ctx<'_>| {
            let page = customer_page(ctx, &mut tx, ORG, village.person).await.unwrap();
            assert_eq!(page.person.name, "李**");
            assert_eq!(page.contacts[0].value, "139****0004");
            let point = &page.accounts[0].usage_points[0];
            assert_eq!(
                (point.address.as_str(), point.community.as_str()),
                ("青山县柳河镇李家村2组***", "李家村")
            );
            assert_eq!(point.aliases, ["老粮站"]);
            let supply = point.supply.as_ref().unwrap();
            assert_eq!((supply.area.code.as_str(), supply.feeder.code.as_str()), ("TQ2", "X1"));
            assert_eq!(supply.substation.name, "110kV柳河变");
            assert_eq!(page.marks[0].kind, "low_income");

            let no_reason = personal_data(ctx, &mut tx, ORG, village.person, &["name"], " ").await;
            assert_eq!(no_reason.unwrap_err().kind(), FaultKind::Invalid);
            let fields = ["name", "contacts", "addresses"];
            let clear = personal_data(ctx, &mut tx, ORG, village.person, &fields, "核实停电地址")
                .await
                .unwrap();
            assert_eq!(clear.name.as_deref(), Some("李长春"));
            assert_eq!(clear.contacts[0].value, "+8613900000004");
            assert_eq!(clear.addresses[0].address, "青山县柳河镇李家村2组15号");
            assert_eq!(clear.identities, []);
        })
        .await;
        let object = format!("person:{}", village.person);
        let audit =
            store::audit_of_object(&mut tx, &object, Id::from_i64(i64::MAX), 10).await.unwrap();
        assert_eq!(audit[0].purpose.as_deref(), Some("核实停电地址"));
    });
}

#[test]
fn nobody_without_the_right_sees_or_changes_anything() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let one = settle_in(&mut tx).await[0];
        with_actor(Actor::visitor(), async |ctx: &Ctx<'_>| {
            let denied = |e: RegistryError| {
                assert!(matches!(e, RegistryError::Access(AccessError::Denied(_))), "{e}");
            };
            denied(customer_page(ctx, &mut tx, ORG, one.person).await.unwrap_err());
            denied(account_page(ctx, &mut tx, ORG, one.account).await.unwrap_err());
            denied(
                personal_data(ctx, &mut tx, ORG, one.person, &["name"], "why").await.unwrap_err(),
            );
            denied(registry::search::search(ctx, &mut tx, ORG, "张").await.unwrap_err());
            let name =
                ChangeName { org: ORG, person: one.person, version: 1, name: "王五".into() };
            denied(change_name(ctx, &mut tx, name).await.unwrap_err());
            let merge = MergePersons {
                org: ORG,
                survivor: one.person,
                absorbed: Id::from_i64(1),
                reason: "same".into(),
            };
            denied(merge_persons(ctx, &mut tx, merge).await.unwrap_err());
            assert_eq!(ctx.take_refusals().len(), 6);
        })
        .await;
    });
}

/// Everything that belongs to some persons, in an order of its own.
async fn belongings(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    persons: &[Id],
) -> Vec<(CustomerPage, Vec<ContactPoint>)> {
    let mut all = Vec::new();
    for person in persons {
        let mut page = customer_page(ctx, tx, ORG, *person).await.unwrap();
        // These rise with every change, and the history of merges is meant to stay.
        page.merges.clear();
        page.person.version = 0;
        page.contacts.iter_mut().for_each(|c| c.version = 0);
        page.marks.iter_mut().for_each(|m| m.version = 0);
        page.accounts.iter_mut().for_each(|a| a.account.version = 0);
        let mut contacts = contacts_of(tx, *person).await.unwrap();
        contacts.iter_mut().for_each(|c| c.version = 0);
        all.push((page, contacts));
    }
    all
}

async fn terms(tx: &mut Tx) -> BTreeSet<(String, String, i64)> {
    let sql = "SELECT kind, term, usage_point FROM search_term";
    tx.fetch_all::<(String, String, i64)>("terms", sql, &[]).await.unwrap().into_iter().collect()
}

async fn merge(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    survivor: Id,
    absorbed: Id,
) -> Result<Id, RegistryError> {
    merge_persons(
        ctx,
        tx,
        MergePersons { org: ORG, survivor, absorbed, reason: "same document".into() },
    )
    .await
}

async fn unmerge(ctx: &Ctx<'_>, tx: &mut Tx, merge: Id) -> Result<(), RegistryError> {
    unmerge_persons(ctx, tx, UnmergePersons { org: ORG, merge, reason: "mistaken".into() }).await
}

#[test]
fn two_persons_become_one_and_two_again() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let all = settle_in(&mut tx).await;
        let [one, two, three] = [all[0].person, all[1].person, all[3].person];
        with_ctx(async |ctx: &Ctx<'_>| {
            let same =
                AddContact { org: ORG, person: two, form: contact("sms", "13812345678", "payer") };
            add_contact(ctx, &mut tx, same).await.unwrap();
            let before = belongings(ctx, &mut tx, &[one, two, three]).await;
            let first = merge(ctx, &mut tx, one, two).await.unwrap();
            let page = customer_page(ctx, &mut tx, ORG, one).await.unwrap();
            assert_eq!(
                (page.accounts.len(), page.contacts.len()),
                (2, 2),
                "the same telephone counts once"
            );
            assert_eq!(
                customer_page(ctx, &mut tx, ORG, two).await.unwrap().person.merged_into,
                Some(one)
            );
            let hits = search(&mut tx, ORG, "13712340002").await.hits;
            assert!(hits.len() == 2 && hits.iter().all(|h| h.person == one));

            for (survivor, absorbed) in [(one, two), (two, three), (three, two), (one, one)] {
                assert!(merge(ctx, &mut tx, survivor, absorbed).await.is_err());
            }
            let second = merge(ctx, &mut tx, three, one).await.unwrap();
            assert!(unmerge(ctx, &mut tx, first).await.is_err(), "the later merge comes first");
            unmerge(ctx, &mut tx, second).await.unwrap();
            unmerge(ctx, &mut tx, first).await.unwrap();
            assert!(unmerge(ctx, &mut tx, first).await.is_err());
            assert_eq!(belongings(ctx, &mut tx, &[one, two, three]).await, before);
            let page = customer_page(ctx, &mut tx, ORG, one).await.unwrap();
            assert_eq!(page.merges.len(), 2, "the history stays");
        })
        .await;
    });
}

/// Random merges among five persons, undone from the last, leave everything as it was: rows,
/// holders and search terms.
#[test]
fn merging_and_unmerging_in_any_order_is_a_round_trip() {
    each(|test: TestDb| async move {
        let mut tx = test.db.begin().await.unwrap();
        let all = settle_in(&mut tx).await;
        let persons: Vec<Id> = all.iter().map(|l| l.person).collect();
        tx.commit().await.unwrap();
        let mut runner = TestRunner::default();
        let plan = proptest::collection::vec((0_usize..4, 0_usize..4, any::<bool>()), 1..6);
        for _ in 0..6 {
            let steps = plan.new_tree(&mut runner).unwrap().current();
            let mut tx = test.db.begin().await.unwrap();
            with_ctx(async |ctx: &Ctx<'_>| {
                let (before, found) =
                    (belongings(ctx, &mut tx, &persons).await, terms(&mut tx).await);
                let mut merges = Vec::new();
                for (survivor, absorbed, back) in &steps {
                    if let Ok(id) =
                        merge(ctx, &mut tx, persons[*survivor], persons[*absorbed]).await
                    {
                        merges.push(id);
                    }
                    if *back && let Some(last) = merges.pop() {
                        unmerge(ctx, &mut tx, last).await.unwrap();
                    }
                }
                while let Some(last) = merges.pop() {
                    unmerge(ctx, &mut tx, last).await.unwrap();
                }
                assert_eq!(belongings(ctx, &mut tx, &persons).await, before, "{steps:?}");
                assert_eq!(terms(&mut tx).await, found, "{steps:?}");
            })
            .await;
        }
    });
}
