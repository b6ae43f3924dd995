//! Accounts and usage points: registered, moved, closed, marked.

use access::Ctx;
use kernel::{Date, Fault, FaultKind, Id};
use registry::{
    CustomerForm, RegistryError, SubjectKind, customer_page,
    marks::{AddMark, EndMark, add_mark, end_mark, marks_on},
    network::usage_points_of_area,
    premises::{
        CloseAccount, MoveUsagePoint, close_account, move_usage_point, moves_of, register_customer,
        usage_point_by_id,
    },
};
use store::Page;

use crate::world::{ORG, each, form, settle_in, with_ctx};

const fn date(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

#[test]
fn a_customer_is_registered_at_the_counter_in_one_step() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        settle_in(&mut tx).await;
        with_ctx(async |ctx: &Ctx<'_>| {
            let id_card = CustomerForm {
                id_card: "11010519491231002X".into(),
                ..form("4200000050", "赵六", "13500000050", "柳河镇阳光花园5栋1单元301室")
            };
            let first = register_customer(ctx, &mut tx, ORG, &id_card).await.unwrap();
            let second = CustomerForm { account_no: "4200000051".into(), ..id_card.clone() };
            let second = register_customer(ctx, &mut tx, ORG, &second).await.unwrap();
            assert_eq!(first.person, second.person, "the document leads to the same person");
            assert_ne!(first.account, second.account);
            let again = register_customer(ctx, &mut tx, ORG, &id_card).await.unwrap_err();
            assert!(matches!(again, RegistryError::Taken { .. }), "{again}");
            let other =
                CustomerForm { account_no: "4200000052".into(), name: "钱七".into(), ..id_card };
            let RegistryError::Invalid(faults) =
                register_customer(ctx, &mut tx, ORG, &other).await.unwrap_err()
            else {
                panic!("another name for a known document must be refused");
            };
            assert!(faults[0].field == "name" && faults[0].message.contains("赵*"), "{faults:?}");
            let RegistryError::Invalid(faults) =
                register_customer(ctx, &mut tx, ORG, &CustomerForm::default()).await.unwrap_err()
            else {
                panic!("an empty form must be refused");
            };
            assert_eq!(faults.len(), 6);
        })
        .await;
        let facts =
            store::facts_of_kind(&mut tx, ORG, "registry.customer_registered", Id::from_i64(0), 9);
        assert_eq!(facts.await.unwrap().len(), 2);
    });
}

#[test]
fn a_usage_point_moves_to_another_area_and_the_past_is_kept() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let all = settle_in(&mut tx).await;
        let id = all[0].usage_point;
        with_ctx(async |ctx: &Ctx<'_>| {
            let other = usage_point_by_id(&mut tx, ORG, all[3].usage_point).await.unwrap().unwrap();
            let command = MoveUsagePoint {
                org: ORG,
                usage_point: id,
                version: 1,
                transformer_area: other.transformer_area.unwrap(),
                on: date(2026, 3, 1),
                reason: "台区改造".into(),
            };
            move_usage_point(ctx, &mut tx, command.clone()).await.unwrap();
            let again = move_usage_point(ctx, &mut tx, command.clone()).await.unwrap_err();
            assert!(matches!(again, RegistryError::State(_)), "{again}");
            let old = moves_of(&mut tx, id).await.unwrap()[0].area_before.unwrap();
            let back = MoveUsagePoint { transformer_area: old, ..command };
            let stale = move_usage_point(ctx, &mut tx, back.clone()).await.unwrap_err();
            assert!(matches!(stale, RegistryError::Changed { .. }), "{stale}");
            let early = MoveUsagePoint { version: 2, on: date(2026, 2, 1), ..back.clone() };
            let early = move_usage_point(ctx, &mut tx, early).await.unwrap_err();
            assert_eq!(early.kind(), FaultKind::Invalid);
            move_usage_point(ctx, &mut tx, MoveUsagePoint { version: 2, ..back }).await.unwrap();
            let moves = moves_of(&mut tx, id).await.unwrap();
            assert_eq!((moves.len(), moves[1].area_after), (2, Some(old)));
            let page = Page::first();
            let points = usage_points_of_area(ctx, &mut tx, ORG, old, &page).await.unwrap().items;
            assert!(points.iter().any(|p| p.id == id));
        })
        .await;
    });
}

#[test]
fn closing_an_account_ends_what_it_serves() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let one = settle_in(&mut tx).await[0];
        with_ctx(async |ctx: &Ctx<'_>| {
            let close = |version, on| CloseAccount { org: ORG, account: one.account, version, on };
            let early = close_account(ctx, &mut tx, close(1, date(2020, 1, 1))).await.unwrap_err();
            assert_eq!(early.kind(), FaultKind::Invalid);
            close_account(ctx, &mut tx, close(1, date(2026, 3, 1))).await.unwrap();
            let twice = close_account(ctx, &mut tx, close(2, date(2026, 3, 2))).await.unwrap_err();
            assert!(twice.to_string().contains("closed on 2026-03-01"));
            let page = customer_page(ctx, &mut tx, ORG, one.person).await.unwrap();
            let account = &page.accounts[0];
            assert_eq!(account.account.closed_on, Some(date(2026, 3, 1)));
            assert_eq!(account.usage_points[0].usage_point.closed_on, Some(date(2026, 3, 1)));
            let hit =
                &registry::search::search(ctx, &mut tx, ORG, "4200000001").await.unwrap().hits[0];
            assert_eq!(hit.closed_on, Some(date(2026, 3, 1)), "still found, and shown as closed");
        })
        .await;
    });
}

#[test]
fn one_mark_of_a_kind_holds_at_a_time() {
    each(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let subject = settle_in(&mut tx).await[0].usage_point;
        with_ctx(async |ctx: &Ctx<'_>| {
            let mark = |from: Date, to: Option<Date>| AddMark {
                org: ORG,
                subject_kind: SubjectKind::UsagePoint,
                subject,
                kind: "life_support".into(),
                evidence: "制氧机，医院证明".into(),
                marked_from: from,
                marked_to: to,
                source: "客户申报".into(),
            };
            let id = add_mark(ctx, &mut tx, mark(date(2026, 1, 1), None)).await.unwrap();
            let overlap = mark(date(2025, 6, 1), Some(date(2026, 1, 2)));
            assert!(matches!(add_mark(ctx, &mut tx, overlap).await, Err(RegistryError::State(_))));
            add_mark(ctx, &mut tx, mark(date(2025, 6, 1), Some(date(2026, 1, 1)))).await.unwrap();
            let end = |version, on| EndMark { org: ORG, mark: id, version, on };
            assert!(end_mark(ctx, &mut tx, end(1, date(2026, 1, 1))).await.is_err());
            end_mark(ctx, &mut tx, end(1, date(2026, 2, 1))).await.unwrap();
            assert!(end_mark(ctx, &mut tx, end(2, date(2026, 3, 1))).await.is_err());
            add_mark(ctx, &mut tx, mark(date(2026, 2, 1), None)).await.unwrap();
            let periods: Vec<_> = marks_on(&mut tx, SubjectKind::UsagePoint, subject)
                .await
                .unwrap()
                .into_iter()
                .map(|m| (m.marked_from, m.marked_to))
                .collect();
            assert_eq!(
                periods,
                [
                    (date(2025, 6, 1), Some(date(2026, 1, 1))),
                    (date(2026, 1, 1), Some(date(2026, 2, 1))),
                    (date(2026, 2, 1), None),
                ]
            );
            let nobody = AddMark { subject: Id::from_i64(1), ..mark(date(2026, 1, 1), None) };
            assert_eq!(
                add_mark(ctx, &mut tx, nobody).await.unwrap_err().kind(),
                FaultKind::NotFound
            );
        })
        .await;
    });
}
