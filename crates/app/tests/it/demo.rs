//! The demo bureau, made by the binary's own code on a small county: what must hold for every
//! customer's every bill.

use std::{collections::BTreeSet, sync::Arc};

use kernel::{Date, Id, ManualClock};
use lamplight::{
    demo::Demo,
    house::{House, HouseArgs},
    work,
};
use metering::reading::Source;
use registry::premises;
use store::{Durability, Tx};
use supply::{
    billing::{self, BillRow, Correction, Stand},
    ledger,
    meters::{self, Registers},
    readings, settlement,
};
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

/// Every bill of a month, whatever became of it.
async fn bills_of(tx: &mut Tx, org: Id, month: i8) -> Vec<BillRow> {
    let from = Date::constant(2026, month, 1);
    billing::bills_in_period(tx, org, from, Id::from_i64(0), 1_000).await.unwrap()
}

/// The lines add up to the total; the daily charges and the month-only lines do as well; and each
/// line's arithmetic gives its amount.
async fn adds_up(tx: &mut Tx, bill: &BillRow) -> Vec<BillLine> {
    let rows = billing::lines_of_bill(tx, bill.org, bill.id).await.unwrap();
    let lines = bill.read_lines(&rows).unwrap();
    let sum: i64 = lines.iter().map(|line| line.amount.units()).sum();
    assert_eq!(sum, bill.total_units, "{}", bill.bill_no);
    let month_only = [
        LineKind::Demand,
        LineKind::PowerFactor,
        LineKind::Fixed,
        LineKind::Minimum,
        LineKind::Loss,
        LineKind::SeparateUse,
        LineKind::Adjustment,
    ];
    let extra = lines.iter().filter(|line| month_only.contains(&line.kind));
    let extra: i64 = extra.map(|line| line.amount.units()).sum();
    assert_eq!(bill.daily_charge_units + extra, bill.total_units, "{}", bill.bill_no);
    for line in &lines {
        let again = line.arithmetic.amount(kernel::Currency::Cny, line.rounding).unwrap();
        assert_eq!(again, line.amount, "{}: {}", bill.bill_no, line.key);
    }
    lines
}

/// Every class of customer, two-part industry among them, with exchanged meters, late readings and
/// corrections of bills before and after they were issued.
#[tokio::test(flavor = "multi_thread")]
async fn lines_daily_postings_and_the_ledger_agree_to_the_fen() {
    let made = made(160, Date::constant(2026, 7, 8)).await;
    let works = &made.house.works;
    let corrected = correct_what_moved(&made).await;
    assert!(corrected > 0, "no late reading touched a bill: another seed is needed");
    let mut tx = works.db.read().await.unwrap();
    let (mut seen, mut exchanged, mut late, mut replaced) = (0, 0, 0, 0);
    let (mut classes, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for month in [5, 6] {
        let (from, to) = (Date::constant(2026, month, 1), Date::constant(2026, month + 1, 1));
        for bill in bills_of(&mut tx, made.org, month).await {
            let lines = adds_up(&mut tx, &bill).await;
            kinds.extend(lines.iter().map(|line| format!("{:?}", line.kind)));
            let point = premises::usage_point_by_id(&mut tx, made.org, bill.usage_point).await;
            classes.insert(format!("{:?}", point.unwrap().unwrap().class));
            let meters = meters::installations_of_usage_point(&mut tx, made.org, bill.usage_point);
            let changed = |day: Option<Date>| day.is_some_and(|day| from < day && day < to);
            exchanged += meters.await.unwrap().iter().filter(|row| changed(row.removed_on)).count();
            let changes =
                settlement::resettlements_of(&mut tx, made.org, bill.usage_point, from, to);
            late += usize::from(!changes.await.unwrap().is_empty());
            replaced += usize::from(bill.state == "replaced");
            seen += 1;
        }
    }
    assert!(seen >= 320 && exchanged > 0 && late > 0 && replaced > 0, "{exchanged} {late}");
    assert_eq!(classes.len(), 5, "{classes:?}");
    for kind in ["Energy", "FreeQuota", "Rounding", "Demand", "PowerFactor"] {
        assert!(kinds.contains(kind), "{kind} is not in {kinds:?}");
    }
    let proof = ledger::prove(&mut tx, made.org).await.unwrap();
    assert!(proof.holds(), "{proof:?}");
}

/// Corrects every bill that comes to something else now; how many.
async fn correct_what_moved(made: &Made) -> usize {
    let works = &made.house.works;
    let actor = access::Actor::program("test");
    let ctx = works.ctx(&actor, "test");
    let mut tx = works.db.begin().await.unwrap();
    let book = supply::tariffs::load_book(&mut tx, made.org).await.unwrap();
    let mut corrected = 0;
    for month in [5, 6] {
        for bill in bills_of(&mut tx, made.org, month).await {
            let (org, id) = (made.org, bill.id);
            let again = billing::recompute(&mut tx, &works.lake, org, id, &book, Stand::Now).await;
            let again = again.unwrap();
            if again.is_same() {
                continue;
            }
            let why =
                Correction {
                    cause: "reading", reason: "迟到示数", on: Date::constant(2026, 7, 8)
                };
            let rules = &works.rules.review;
            billing::correct(&ctx, &mut tx, org, &again, rules, why).await.unwrap();
            corrected += 1;
        }
    }
    tx.commit().await.unwrap();
    corrected
}

/// From the inputs that it was made from every bill comes to the same bytes, whatever arrived
/// since; from those of now, unless a late reading touched it.
#[tokio::test(flavor = "multi_thread")]
async fn every_bill_computed_again_is_the_same() {
    let made = made(60, Date::constant(2026, 6, 12)).await;
    let works = &made.house.works;
    let corrected = correct_what_moved(&made).await;
    let mut tx = works.db.read().await.unwrap();
    let book = supply::tariffs::load_book(&mut tx, made.org).await.unwrap();
    let bills = bills_of(&mut tx, made.org, 5).await;
    assert!(bills.len() > 50 + corrected);
    for bill in bills {
        let (org, id) = (made.org, bill.id);
        for stand in [Stand::Billed, Stand::Now] {
            let again = billing::recompute(&mut tx, &works.lake, org, id, &book, stand).await;
            let again = again.unwrap();
            let may_differ = stand == Stand::Now && bill.state == "replaced";
            assert!(again.is_same() || may_differ, "{} {stand:?}", bill.bill_no);
            if stand == Stand::Billed {
                assert_eq!(
                    again.draft.bill,
                    bill.rated(bill.read_lines(&again.lines).unwrap()).unwrap()
                );
            }
        }
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
    // What follows from the exchanges of the demo is done by the worker, and changes nothing.
    work::worker(works).run_until_idle().await.unwrap();
    assert_eq!(digest().await, before);
    a_removed_meter_delivers_its_closing_read(&made).await;
}

/// Whoever takes a meter down, through whichever door: its closing registers become a reading.
async fn a_removed_meter_delivers_its_closing_read(made: &Made) {
    let works = &made.house.works;
    let (last, after) = (Date::constant(2026, 6, 6), Date::constant(2026, 6, 7));
    let mut tx = works.db.begin().await.unwrap();
    let point = bills_of(&mut tx, made.org, 5).await[0].usage_point;
    let (states, _) = readings::history(works, made.org, point, (last, after)).await.unwrap();
    let shown = states[0].1.register[0].unwrap();
    let closing = Registers([("total".to_owned(), shown)].into());
    let actor = access::Actor::program("test");
    let ctx = works.ctx(&actor, "test");
    let deed = (after, &closing, "拆表");
    meters::remove(&ctx, &mut tx, made.org, point, deed).await.unwrap();
    tx.commit().await.unwrap();
    work::worker(works).run_until_idle().await.unwrap();
    let (_, reads) = readings::history(works, made.org, point, (last, after)).await.unwrap();
    let closing = reads.iter().find(|row| row.source == Source::Exchange.code());
    assert_eq!(closing.and_then(|row| row.register[0]), Some(shown), "a closing read");
}
