//! Moving out and in: each account is billed for its own days, the one that leaves as soon as they
//! are settled.

use kernel::{Currency, Date, DatePeriod, Fault};
use store::testing::TestDb;
use supply::{
    agreements::{self, HandOver},
    billing::{self, BillRow, Stand},
    ledger::{self, Party},
    readings::BadRows,
    tariffs::load_book,
};

use crate::world::{ORG, World, account_no, day, migrations};

/// January at the first household's meter, 30.0 kWh a day, and 5.0 at the second's.
fn thirty_a_day() -> String {
    let mut text = String::from("usage_point,at,total\n");
    for (point, daily) in [(0, 30), (1, 5)] {
        for on in 1..=31_i32 {
            let at = day(1, i8::try_from(on).unwrap()).tomorrow().unwrap();
            text += &format!("{},{at} 00:00,{}.0\n", account_no(point), 1000 + daily * on);
        }
    }
    text
}

/// The first household leaves on the 16th; the second takes its place over too.
async fn hand_over(world: &World) {
    let (first, second) = (world.points[0], world.points[1]);
    let mut tx = world.works.db.read().await.unwrap();
    let rows = agreements::agreements_of_usage_point(&mut tx, ORG, first.1).await.unwrap();
    drop(tx);
    let (agreement, to) = ((rows[0].id, rows[0].version), Some(second.0));
    let asked = HandOver { agreement, to, on: day(1, 16), reason: "过户" };
    agreements::hand_over(&world.works, &world.actor, ORG, asked).await.unwrap();
}

async fn bills(world: &World) -> Vec<BillRow> {
    let mut tx = world.works.db.read().await.unwrap();
    let none = kernel::Id::from_i64(0);
    let mut bills = billing::bills_in_period(&mut tx, ORG, day(1, 1), none, 9).await.unwrap();
    bills.retain(|bill| bill.usage_point == world.points[0].1);
    bills.sort_by_key(|bill| bill.period_from);
    bills
}

async fn close(world: &World) -> billing::BillRunRow {
    let period = DatePeriod::new(day(1, 1), day(2, 1)).unwrap();
    let (works, actor) = (&world.works, &world.actor);
    billing::close_month(works, actor, ORG, period, &|_, _, _| {}).await.unwrap()
}

async fn issue(world: &World, on: Date) {
    let (works, actor) = (&world.works, &world.actor);
    billing::issue_month(works, actor, ORG, (day(1, 1), on)).await.unwrap();
}

async fn owed(world: &World, point: usize) -> i64 {
    let mut tx = world.works.db.read().await.unwrap();
    let party = Party::receivable(world.points[point].0);
    ledger::balance(&mut tx, ORG, party, Currency::Cny).await.unwrap().owed.units()
}

/// The lines of a bill and its daily charges both agree with its total, now and computed again.
async fn agrees(world: &World, bill: &BillRow) -> Vec<(String, String)> {
    let mut tx = world.works.db.read().await.unwrap();
    let book = load_book(&mut tx, ORG).await.unwrap();
    let lake = &world.works.lake;
    for stand in [Stand::Billed, Stand::Now] {
        let again = billing::recompute(&mut tx, lake, ORG, bill.id, &book, stand).await.unwrap();
        assert!(again.is_same(), "{} {stand:?}", bill.bill_no);
    }
    let rows = billing::lines_of_bill(&mut tx, ORG, bill.id).await.unwrap();
    let lines = bill.read_lines(&rows).unwrap();
    let sum: i64 = lines.iter().map(|line| line.amount.units()).sum();
    let once: i64 = lines
        .iter()
        .filter(|line| line.kind == tariff::LineKind::Adjustment)
        .map(|line| line.amount.units())
        .sum();
    assert_eq!((sum, bill.daily_charge_units + once), (bill.total_units, bill.total_units));
    lines.iter().map(|line| (line.key.clone(), line.amount.to_string())).collect()
}

/// Fifteen days of 30 kWh: by the year's limits 450 × 0.538 = 242.10. One twelfth of the limits is
/// 230 and 400 kWh: 230 × 0.538 + 170 × 0.588 + 50 × 0.838 = 265.60. The newcomer's ladder begins
/// anew: 480 × 0.538 = 258.24.
#[test]
fn a_month_is_divided_between_the_accounts() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 2).await;
        world.import("a.csv", thirty_a_day(), BadRows::RefuseWhole).await.unwrap();
        hand_over(&world).await;
        world.settle(day(1, 1), day(1, 31)).await;
        let run = close(&world).await;
        assert_eq!((run.state.as_str(), run.bills_done, run.bills_total), ("done", 3, 3));
        let both = bills(&world).await;
        let told: Vec<_> = both
            .iter()
            .map(|b| (b.account, b.period_from, b.period_to, b.day_count, b.energy_ukwh))
            .collect();
        let (leaver, newcomer) = (world.points[0].0, world.points[1].0);
        assert_eq!(
            told,
            [
                (leaver, day(1, 1), day(1, 16), 15, 450_000_000),
                (newcomer, day(1, 16), day(2, 1), 16, 480_000_000),
            ]
        );
        assert_eq!(both[1].bill_no, format!("20260116-{}", account_no(0)));
        assert_eq!([both[0].total_units, both[1].total_units], [2_656_000, 2_582_400]);
        let ladder: Vec<_> = agrees(&world, &both[0]).await.into_iter().skip(1).collect();
        let line = |key: &str, amount: &str| (key.to_owned(), amount.to_owned());
        let expected = [
            line("ladder.flat.tier1", "-118.36"),
            line("ladder.flat.tier2", "99.96"),
            line("ladder.flat.tier3", "41.90"),
        ];
        assert_eq!(ladder, expected);
        assert_eq!(agrees(&world, &both[1]).await, [line("energy.flat.tier1", "258.24")]);
        let again = close(&world).await;
        assert_eq!((again.id, again.bills_done), (run.id, 3), "nobody is billed twice");
        issue(&world, day(2, 3)).await;
        assert_eq!(owed(&world, 0).await, 2_656_000);
    });
}

/// The final bill does not wait for the end of the month; the close bills the rest of it.
#[test]
fn who_leaves_gets_the_final_bill_on_the_day() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 2).await;
        world.import("a.csv", thirty_a_day(), BadRows::RefuseWhole).await.unwrap();
        let (works, actor) = (&world.works, &world.actor);
        let who = (world.points[0].1, world.points[0].0);
        let asked = async || billing::final_bill(works, actor, ORG, who).await;
        assert_eq!(asked().await.unwrap_err().code(), "bill.not_ended");
        hand_over(&world).await;
        world.settle(day(1, 1), day(1, 14)).await;
        assert_eq!(asked().await.unwrap_err().code(), "bill.not_settled", "the 15th is missing");
        world.settle(day(1, 1), day(1, 15)).await;
        let id = asked().await.unwrap();
        assert_eq!(asked().await.unwrap_err().code(), "bill.billed");
        issue(&world, day(1, 16)).await;
        assert_eq!(owed(&world, 0).await, 2_656_000, "as in the month that was divided");
        world.settle(day(1, 1), day(1, 31)).await;
        let run = close(&world).await;
        assert_eq!((run.state.as_str(), run.bills_done, run.bills_total), ("done", 3, 3));
        let both = bills(&world).await;
        assert_eq!((both.len(), both[0].id, both[0].state.as_str()), (2, id, "issued"));
        assert_eq!((both[1].total_units, both[1].day_count), (2_582_400, 16));
        agrees(&world, &both[0]).await;
        issue(&world, day(2, 3)).await;
        assert_eq!(owed(&world, 0).await, 2_656_000, "once");
        let mut tx = works.db.read().await.unwrap();
        assert!(ledger::prove(&mut tx, ORG).await.unwrap().holds());
    });
}

/// Told only after the month was settled and its bills were made, not issued: the days are settled
/// again under the new account, and the bills come to the same as if it had been told in time.
#[test]
fn a_move_that_is_told_late_comes_to_the_same() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 2).await;
        world.import("a.csv", thirty_a_day(), BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), day(1, 31)).await;
        close(&world).await;
        assert_eq!(bills(&world).await.len(), 1);
        hand_over(&world).await;
        assert_eq!(bills(&world).await.len(), 0, "taken back");
        let run = close(&world).await;
        assert_eq!((run.state.as_str(), run.bills_done), ("done", 3));
        let both = bills(&world).await;
        assert_eq!([both[0].total_units, both[1].total_units], [2_656_000, 2_582_400]);
        for bill in &both {
            agrees(&world, bill).await;
        }
        let late = (day(1, 14), day(1, 19));
        let told = supply::verify::verify_days(&world.works, ORG, late, &|_, _, _| {}).await;
        assert!(told.unwrap().iter().all(|day| day.differences.is_empty()));
    });
}
