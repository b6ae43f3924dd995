//! The demo bureau, made by the binary's own code on a small county: what must hold for every
//! customer's every bill.

use std::sync::Arc;

use kernel::{Date, Id, ManualClock};
use lamplight::{
    demo::Demo,
    house::{House, HouseArgs},
};
use store::Durability;
use supply::{billing, ledger, settlement};
use tariff::{BillLine, LineKind};

struct Made {
    house: House,
    org: Id,
    _folder: tempfile::TempDir,
}

async fn made(customers: usize, last: Date) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let args = HouseArgs {
        data: folder.path().to_owned(),
        database: None,
        zone: "Asia/Shanghai".to_owned(),
        org: None,
    };
    let clock = Arc::new(ManualClock::new(store::testing::START));
    let house = House::open(&args, clock, Durability::ProcessKill).await.unwrap();
    let first = Date::constant(2026, 5, 1);
    let demo = Demo { seed: 5, customers, first, last };
    let org = demo.make(&house.works, &|_, _, _| {}).await.unwrap();
    Made { house, org, _folder: folder }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_daily_postings_and_the_ledger_agree_to_the_fen() {
    let made = made(120, Date::constant(2026, 7, 8)).await;
    let mut tx = made.house.works.db.read().await.unwrap();
    let mut seen = 0;
    for month in [5, 6] {
        let from = Date::constant(2026, month, 1);
        for state in ["issued", "review"] {
            let bills =
                billing::bills_in_state(&mut tx, made.org, state, from, Id::from_i64(0), 1_000)
                    .await
                    .unwrap();
            for bill in bills {
                let rows = billing::lines_of_bill(&mut tx, made.org, bill.id).await.unwrap();
                let lines: Vec<BillLine> =
                    rows.iter().map(|row| serde_json::from_str(&row.line).unwrap()).collect();
                let sum: i64 = lines.iter().map(|line| line.amount.units()).sum();
                assert_eq!(sum, bill.total_units, "{}", bill.bill_no);
                let month_only = [
                    LineKind::Demand,
                    LineKind::PowerFactor,
                    LineKind::Fixed,
                    LineKind::Minimum,
                    LineKind::Loss,
                    LineKind::SeparateUse,
                ];
                let extra: i64 = lines
                    .iter()
                    .filter(|line| month_only.contains(&line.kind))
                    .map(|line| line.amount.units())
                    .sum();
                assert_eq!(bill.daily_charge_units + extra, bill.total_units, "{}", bill.bill_no);
                for line in &lines {
                    let currency = kernel::Currency::Cny;
                    let again = line.arithmetic.amount(currency, line.rounding).unwrap();
                    assert_eq!(again, line.amount, "{}: {}", bill.bill_no, line.key);
                }
                seen += 1;
            }
        }
    }
    assert!(seen >= 240, "{seen} bills");
    let proof = ledger::prove(&mut tx, made.org).await.unwrap();
    assert!(proof.holds(), "{proof:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bill_computed_again_is_the_same_or_was_touched_by_a_late_reading() {
    let made = made(60, Date::constant(2026, 6, 12)).await;
    let works = &made.house.works;
    let mut tx = works.db.read().await.unwrap();
    let book = supply::tariffs::load_book(&mut tx, made.org).await.unwrap();
    let from = Date::constant(2026, 5, 1);
    let bills = billing::bills_in_state(&mut tx, made.org, "issued", from, Id::from_i64(0), 1_000)
        .await
        .unwrap();
    assert!(bills.len() > 50);
    for bill in bills {
        let again =
            billing::recompute(&mut tx, &works.lake, made.org, bill.id, &book).await.unwrap();
        let end = Date::constant(2026, 6, 1);
        let late = settlement::resettlements_of(&mut tx, made.org, bill.usage_point, from, end)
            .await
            .unwrap();
        let touched = late.iter().any(|change| change.id > bill.id);
        assert!(again.is_same() || touched, "{}", bill.bill_no);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_of_the_demo_changes_nothing() {
    let made = made(30, Date::constant(2026, 6, 6)).await;
    let works = &made.house.works;
    let digest = async || {
        let mut tx = works.db.read().await.unwrap();
        supply::digest::digest(&mut tx, made.org).await.unwrap()
    };
    let before = digest().await;
    assert!(before.bills >= 30 && before.days >= 36);
    let first = Date::constant(2026, 5, 1);
    let demo = Demo { seed: 5, customers: 30, first, last: Date::constant(2026, 6, 6) };
    demo.make(works, &|_, _, _| {}).await.unwrap();
    assert_eq!(digest().await, before);
}
