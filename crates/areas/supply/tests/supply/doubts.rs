//! Story T-09: the customer doubts the meter, the test finds +3.2 %, and the refund stands on a bill
//! and in the ledger, once.

use kernel::{Currency, DatePeriod, Fault};
use store::testing::TestDb;
use supply::{
    billing::{self, Stand, rules::MeterTest},
    ledger::{self, Party},
    readings::BadRows,
    tariffs::load_book,
};
use tariff::text::parse_ratio;

use crate::world::{ORG, World, account_no, day, migrations};

/// 48 kWh a day in January and February: 2 400 kWh in the 50 days before the test on 20 February,
/// half of the 100 days since the one before.
fn two_months() -> String {
    let mut text = String::from("usage_point,at,total\n");
    for n in 1..=59 {
        let at = day(1, 1).checked_add(jiff::Span::new().days(n)).unwrap();
        text += &format!("{},{at} 00:00,{}.0\n", account_no(0), 1000 + 48 * n);
    }
    text
}

#[test]
fn a_fast_meter_is_refunded_on_a_bill_and_once() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        world.import("a.csv", two_months(), BadRows::RefuseWhole).await.unwrap();
        let (works, actor) = (&world.works, &world.actor);
        world.settle(day(1, 1), day(2, 28)).await;
        let none = kernel::Id::from_i64(0);
        for (from, to) in [(day(1, 1), day(2, 1)), (day(2, 1), day(3, 1))] {
            let period = DatePeriod::new(from, to).unwrap();
            billing::close_month(works, actor, ORG, period, &|_, _, _| {}).await.unwrap();
            let ctx = works.ctx(actor, "test");
            let mut tx = works.db.begin().await.unwrap();
            for bill in
                billing::bills_in_state(&mut tx, ORG, "review", from, none, 9).await.unwrap()
            {
                let seen = (bill.id, bill.version);
                billing::decide_review(&ctx, &mut tx, ORG, seen, true).await.unwrap();
            }
            tx.commit().await.unwrap();
            billing::issue_month(works, actor, ORG, (from, to)).await.unwrap();
        }
        let mut tx = works.db.read().await.unwrap();
        let point = world.points[0].1;
        let mut bills = billing::bills_of_period(&mut tx, ORG, point, day(2, 1)).await.unwrap();
        let bill = bills.remove(0);
        drop(tx);
        let party = Party::receivable(world.points[0].0);
        let owed = async || {
            let mut tx = works.db.read().await.unwrap();
            ledger::balance(&mut tx, ORG, party, Currency::Cny).await.unwrap().owed.units()
        };
        let before = owed().await;
        let dispute = billing::dispute(works, actor, ORG, bill.id, "表走得快").await.unwrap();
        let error = parse_ratio("3.2%").unwrap();
        let since = kernel::Date::constant(2025, 11, 12);
        let found = MeterTest { error, since, tested_on: day(2, 20) };
        let refund = billing::doubted_meter(works, &bill, &found).await.unwrap();
        assert_eq!((refund.from, refund.to), (day(1, 1), day(2, 20)));
        assert_eq!((refund.billed_ukwh, refund.over_ukwh), (2_400_000_000, 74_420_000));
        // The year stood at 2 400 kWh by then, in the first tier: 74.42 × 0.538 = 40.04.
        let asked = (ORG, dispute, 1);
        let after = billing::refund_meter_error(works, actor, asked, &found, "检定误差+3.2%，退补")
            .await
            .unwrap();
        assert_eq!(owed().await, before - 400_400);
        let again = billing::refund_meter_error(works, actor, asked, &found, "再退").await;
        assert_eq!(again.unwrap_err().code(), "bill.stage", "once");
        assert_eq!(owed().await, before - 400_400);
        let mut tx = works.db.read().await.unwrap();
        let new = billing::bill_by_id(&mut tx, ORG, after).await.unwrap().unwrap();
        assert_eq!((new.total_units, new.replaces), (bill.total_units - 400_400, Some(bill.id)));
        let rows = billing::lines_of_bill(&mut tx, ORG, after).await.unwrap();
        let lines = new.read_lines(&rows).unwrap();
        let line = lines.iter().find(|line| line.key.starts_with("meter_error.")).unwrap();
        assert_eq!(format!("{} {}", line.quantity, line.amount), "-74.42 -40.04");
        assert!(line.formula.zh.contains("0.538") && line.source.contains("§80"), "{line:?}");
        let row = billing::dispute_by_id(&mut tx, ORG, dispute).await.unwrap().unwrap();
        assert_eq!((row.outcome.as_deref(), row.bill_after), (Some("corrected"), Some(after)));
        // The bill with its refund can be computed again, and a later correction keeps the refund.
        let book = load_book(&mut tx, ORG).await.unwrap();
        for stand in [Stand::Billed, Stand::Now] {
            let again = billing::recompute(&mut tx, &works.lake, ORG, after, &book, stand).await;
            assert!(again.unwrap().is_same(), "{stand:?}");
        }
        assert!(ledger::prove(&mut tx, ORG).await.unwrap().holds());
    });
}
