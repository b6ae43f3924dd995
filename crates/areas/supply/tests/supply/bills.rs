//! Bills after they were made: what an estimate moved, what a correction keeps, what a dispute
//! shows.

use jiff::ToSpan;
use kernel::{Date, DatePeriod, Fault};
use store::{Page, testing::TestDb};
use supply::{
    billing::{self, BillRow, BillingError, Correction, Outcome, Recomputed, Stand},
    readings::{self, BadRows, Decide, Decision, Worklist},
    tariffs::load_book,
};
use tariff::{Cause, compare};

use crate::world::{ORG, World, account_no, day, migrations};

/// Readings at the end of each of these days, 5.0 kWh a day.
fn steady(from: Date, days: i32) -> String {
    let mut text = String::from("usage_point,at,total\n");
    for n in 1..=days {
        let at = from.checked_add(n.days()).unwrap();
        let shown = 1000 + 5 * ((at - day(1, 1)).get_days());
        text += &format!("{},{at} 00:00,{shown}.0\n", account_no(0));
    }
    text
}

/// January read every day, February until the 20th; both months closed.
async fn two_months(test: TestDb) -> World {
    let world = World::with(test, 1).await;
    world.import("a.csv", steady(day(1, 1), 31 + 20), BadRows::RefuseWhole).await.unwrap();
    world.settle(day(1, 1), day(2, 28)).await;
    for (from, to) in [(day(1, 1), day(2, 1)), (day(2, 1), day(3, 1))] {
        let period = DatePeriod::new(from, to).unwrap();
        let (works, actor) = (&world.works, &world.actor);
        billing::close_month(works, actor, ORG, period, &|_, _, _| {}).await.unwrap();
    }
    world
}

async fn bill(world: &World, from: Date) -> BillRow {
    let mut tx = world.works.db.read().await.unwrap();
    let point = world.points[0].1;
    let mut bills = billing::bills_of_period(&mut tx, ORG, point, from).await.unwrap();
    bills.pop().expect("there is a bill")
}

async fn rated(world: &World, bill: &BillRow) -> tariff::RatedBill {
    let mut tx = world.works.db.read().await.unwrap();
    let rows = billing::lines_of_bill(&mut tx, ORG, bill.id).await.unwrap();
    bill.rated(bill.read_lines(&rows).unwrap()).unwrap()
}

async fn again(world: &World, bill: &BillRow, stand: Stand) -> Recomputed {
    let mut tx = world.works.db.read().await.unwrap();
    let book = load_book(&mut tx, ORG).await.unwrap();
    billing::recompute(&mut tx, &world.works.lake, ORG, bill.id, &book, stand).await.unwrap()
}

/// The meter answers on 1 March with this value; where a check stops it, a person accepts it.
async fn answers(world: &World, shown: &str) {
    let text = format!("usage_point,at,total\n{},2026-03-01 00:00,{shown}\n", account_no(0));
    world.import(&format!("{shown}.csv"), text, BadRows::RefuseWhole).await.unwrap();
    let mut tx = world.works.db.read().await.unwrap();
    let filter = Worklist { severity: "stop".into(), ..Worklist::all() };
    let page = readings::worklist(&mut tx, ORG, &filter, &Page::first()).await.unwrap();
    drop(tx);
    for finding in page.items {
        let asked = Decide {
            exception: finding.id,
            version: finding.version,
            decision: Decision::Accept,
            reason: "召测核实".into(),
        };
        readings::decide(&world.works, &world.actor, ORG, &asked).await.unwrap();
    }
}

async fn correct(world: &World, bill: &BillRow, reason: &str) -> Result<kernel::Id, BillingError> {
    let now = again(world, bill, Stand::Now).await;
    let works = &world.works;
    let ctx = works.ctx(&world.actor, "test");
    let mut tx = works.db.begin().await.unwrap();
    let why = Correction { cause: "estimate_trued_up", reason, on: day(3, 5) };
    let rules = &works.rules.review;
    let new = billing::correct(&ctx, &mut tx, ORG, &now, rules, why).await?;
    tx.commit().await.unwrap();
    Ok(new)
}

#[test]
fn what_was_estimated_reaches_the_bill_and_the_comparison() {
    TestDb::each(&migrations(), async |test| {
        let world = two_months(test).await;
        let (january, february) = (bill(&world, day(1, 1)).await, bill(&world, day(2, 1)).await);
        assert_eq!((january.estimated_day_count, january.estimated_ukwh), (0, 0));
        assert_eq!((february.estimated_day_count, february.estimated_ukwh), (8, 40_000_000));
        let (a, b) = (rated(&world, &january).await, rated(&world, &february).await);
        let comparison = compare(&a, &b).unwrap();
        let of = |cause| comparison.effects.iter().find(|e| e.cause == cause).unwrap().amount;
        // 0.538 a kWh: three days of 5 kWh less; 40 kWh estimated where none were, so as many
        // fewer were measured.
        assert_eq!(of(Cause::Days).to_string(), "-8.07");
        assert_eq!(of(Cause::Estimation).to_string(), "21.52");
        assert_eq!(of(Cause::Volume).to_string(), "-21.52");
        let sum: i64 = comparison.effects.iter().map(|effect| effect.amount.units()).sum();
        assert_eq!(sum, february.total_units - january.total_units);
        assert!(!b.tariffs.is_empty() && !b.prices.is_empty(), "stored with the bill");
    });
}

/// A bill that was not issued is made again: the reason and what it came to are kept, and it is
/// reviewed with its history like any other.
#[test]
fn a_correction_before_issue_keeps_what_it_came_to() {
    TestDb::each(&migrations(), async |test| {
        let world = two_months(test).await;
        let first = bill(&world, day(2, 1)).await;
        assert_eq!(first.state, "review", "more days are estimated than tolerated");
        answers(&world, "2155.0").await;
        assert!(again(&world, &first, Stand::Billed).await.is_same(), "its own inputs are kept");
        assert!(!again(&world, &first, Stand::Now).await.is_same());
        correct(&world, &first, "3月1日实抄").await.unwrap();
        let second = bill(&world, day(2, 1)).await;
        assert_eq!((second.sequence, second.bill_no.as_str()), (1, first.bill_no.as_str()));
        assert_eq!((second.estimated_ukwh, second.energy_ukwh), (0, 1_000_000_000));
        assert!(second.review_reasons.contains("high"), "{}", second.review_reasons);
        assert_eq!(correct(&world, &second, "x").await.unwrap_err().code(), "bill.same");
        // And once more, before anybody issued it: the chain is whole.
        world
            .import(
                "again.csv",
                format!(
                    "usage_point,at,total,revision\n{},2026-03-01 00:00,1300.0,9\n",
                    account_no(0)
                ),
                BadRows::RefuseWhole,
            )
            .await
            .unwrap();
        correct(&world, &second, "复抄").await.unwrap();
        let third = bill(&world, day(2, 1)).await;
        let mut tx = world.works.db.read().await.unwrap();
        let point = world.points[0].1;
        let chain = billing::corrections_of_period(&mut tx, ORG, point, day(2, 1)).await.unwrap();
        let told: Vec<_> = chain.iter().map(|c| (c.reason.as_str(), c.bill_before)).collect();
        assert_eq!(told, [("3月1日实抄", first.id), ("复抄", second.id)]);
        assert_eq!(chain[1].bill_after, third.id);
        for (row, before) in chain.iter().zip([&first, &second]) {
            assert_eq!(row.total_before_units, before.total_units);
            let lines: Vec<tariff::BillLine> = serde_json::from_str(&row.lines_before).unwrap();
            let sum: i64 = lines.iter().map(|line| line.amount.units()).sum();
            assert_eq!(sum, before.total_units, "the lines that are gone add up");
        }
    });
}

#[test]
fn a_disputed_bill_is_computed_again_and_answered() {
    TestDb::each(&migrations(), async |test| {
        let world = two_months(test).await;
        let (works, actor) = (&world.works, &world.actor);
        let open = async |bill: &BillRow, claim: &str| {
            billing::dispute(works, actor, ORG, bill.id, claim).await
        };
        let draft = bill(&world, day(2, 1)).await;
        assert_eq!(open(&draft, "太高").await.unwrap_err().code(), "bill.stage");
        billing::issue_month(works, actor, ORG, (day(1, 1), day(2, 5))).await.unwrap();
        let issued = bill(&world, day(1, 1)).await;
        assert_eq!(open(&issued, " ").await.unwrap_err().code(), "bill.reason_missing");
        let id = open(&issued, "一月没有人住").await.unwrap();
        assert_eq!(open(&issued, "还是不对").await.unwrap_err().code(), "bill.disputed");
        let ctx = works.ctx(actor, "test");
        let mut tx = works.db.begin().await.unwrap();
        let rows = billing::open_disputes(&mut tx, ORG, kernel::Id::from_i64(0), 9).await.unwrap();
        assert_eq!((rows.len(), rows[0].id, rows[0].is_as_billed), (1, id, true));
        assert_eq!(rows[0].total_now_units, Some(issued.total_units));
        let said = (Outcome::Corrected, "已更正");
        let early = billing::answer_dispute(&ctx, &mut tx, ORG, (id, 1), said).await.unwrap_err();
        assert_eq!(early.code(), "bill.stage", "nothing was corrected");
        let said = (Outcome::Upheld, "示数为远程采集，逐日一致");
        let stale = billing::answer_dispute(&ctx, &mut tx, ORG, (id, 7), said).await.unwrap_err();
        assert_eq!(stale.code(), "bill.changed");
        billing::answer_dispute(&ctx, &mut tx, ORG, (id, 1), said).await.unwrap();
        assert_eq!(billing::open_dispute_count(&mut tx, ORG).await.unwrap(), 0);
        tx.commit().await.unwrap();
        let mut tx = works.db.read().await.unwrap();
        let point = world.points[0].1;
        let all = billing::disputes_of_period(&mut tx, ORG, point, day(1, 1)).await.unwrap();
        assert_eq!(all[0].outcome.as_deref(), Some("upheld"));
    });
}
