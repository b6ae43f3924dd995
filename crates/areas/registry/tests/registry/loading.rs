//! Customers loaded in bulk.

use access::Ctx;
use registry::{
    CustomerForm,
    network::{load_network, transformer_areas, usage_points_of_area},
    premises::{LoadOutcome, load_customers, usage_point_by_code},
};
use store::Page;

use crate::{
    finding::search,
    world::{ORG, added, customer, customers, each, form, network, settle_in, with_ctx},
};

#[test]
fn the_same_list_again_adds_nothing() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let first = settle_in(&mut tx).await;
        tx.commit().await.unwrap();

        let mut tx = test.db.begin().await.unwrap();
        load_network(&mut tx, ORG, &network()).await.unwrap();
        let again = load_customers(&mut tx, ORG, &customers()).await.unwrap();
        let present: Vec<LoadOutcome> = first.iter().map(|l| LoadOutcome::Present(*l)).collect();
        assert_eq!(again, present);

        // Another organisation may use the same numbers.
        let other = kernel::Id::from_i64(8);
        let plain = customer(&CustomerForm {
            transformer_area: String::new(),
            ..form("4200000001", "王五", "", "柳河镇老街1号")
        });
        added(&load_customers(&mut tx, other, &[plain]).await.unwrap()[0]);
    });
}

#[test]
fn one_firm_with_several_accounts_and_points_is_one_person() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        settle_in(&mut tx).await;
        let tower = |account: &str, code: &str, phone: &str| {
            customer(&CustomerForm {
                usage_point_code: code.into(),
                credit_code: "91350100M000100Y43".into(),
                ..form(account, "湖北华信机械有限公司", phone, "柳河镇北山1号")
            })
        };
        let list = [
            tower("4200000003", "UP-2", "13900000001"),
            tower("4200000009", "UP-3", "13900000001"),
            tower("4200000009", "UP-4", ""),
        ];
        let outcomes = load_customers(&mut tx, ORG, &list).await.unwrap();
        let loaded: Vec<_> = outcomes.iter().map(added).collect();
        assert!(loaded.iter().all(|l| l.person == loaded[0].person));
        assert_ne!(loaded[0].account, loaded[1].account);
        assert_eq!(loaded[1].account, loaded[2].account);
        // The new telephone leads to all points of the firm, old and new.
        let found = search(&mut tx, ORG, "13900000001").await;
        assert_eq!(found.hits.len(), 4);
    });
}

#[test]
fn what_contradicts_is_refused_and_the_rest_goes_in() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        settle_in(&mut tx).await;
        let wrong_area = CustomerForm {
            transformer_area: "TQ9".into(),
            ..form("4200000010", "王五", "", "老街1号")
        };
        let taken_code = CustomerForm {
            usage_point_code: "4200000001".into(),
            ..form("4200000011", "王五", "", "老街1号")
        };
        let other_name = CustomerForm {
            usage_point_code: "UP-9".into(),
            ..form("4200000001", "王五", "", "老街1号")
        };
        let good = form("4200000012", "王五", "", "老街1号");
        let list = [&wrong_area, &taken_code, &other_name, &good].map(customer);
        let outcomes = load_customers(&mut tx, ORG, &list).await.unwrap();
        let field = |at: usize| match &outcomes[at] {
            LoadOutcome::Refused(faults) => faults[0].field,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            [field(0), field(1), field(2)],
            ["transformer_area", "usage_point_code", "name"]
        );
        added(&outcomes[3]);
        assert!(usage_point_by_code(&mut tx, ORG, "UP-9").await.unwrap().is_none());
    });
}

#[test]
fn areas_are_listed_with_what_hangs_on_them_page_by_page() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        settle_in(&mut tx).await;
        with_ctx(async |ctx: &Ctx<'_>| {
            let first = transformer_areas(ctx, &mut tx, ORG, &Page::new(Some(2), None).unwrap())
                .await
                .unwrap();
            let next = Page::new(Some(2), first.next.as_deref()).unwrap();
            let second = transformer_areas(ctx, &mut tx, ORG, &next).await.unwrap();
            let all: Vec<_> = first.items.iter().chain(&second.items).collect();
            let counts: Vec<_> = all
                .iter()
                .map(|a| (a.code.as_str(), a.feeder_name.as_str(), a.usage_points))
                .collect();
            assert_eq!(
                counts,
                [("TQ1", "10kV人民路线", 2), ("TQ2", "10kV人民路线", 1), ("TQ3", "10kV工业线", 1)]
            );
            assert_eq!(second.next, None);

            let page = Page::new(Some(1), None).unwrap();
            let points = usage_points_of_area(ctx, &mut tx, ORG, all[0].id, &page).await.unwrap();
            assert_eq!(points.items[0].name, "张**");
            assert_eq!(points.items[0].address, "青山县柳河镇阳光花园3栋2单元***");
            let page = Page::new(Some(1), points.next.as_deref()).unwrap();
            let points = usage_points_of_area(ctx, &mut tx, ORG, all[0].id, &page).await.unwrap();
            assert_eq!((points.items[0].code.as_str(), points.next), ("4200000002", None));
        })
        .await;
    });
}
