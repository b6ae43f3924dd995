//! What a meter counts beside the use (reactive energy, export, highest demand), and whose days
//! they are.

use crate::world::{World, end_of, total};
use kernel::{Date, DatePeriod};
use lamplight_lake::{
    settle::{Beside, MonthPoint, month_points},
    tables::{ReadingRow, StateRow, TermsRow},
};
use metering::reading::RegisterKind;

fn june(day: i8) -> Date {
    Date::constant(2026, 6, day)
}

fn days(from: i8, to: i8) -> Vec<Date> {
    (from..=to).map(june).collect()
}

/// A daily read with an active, a reactive and an export register, in hundredths.
fn with_beside(day: i8, registers: [i64; 3]) -> ReadingRow {
    let mut row = total(1, 100, june(day), registers[0]);
    let kinds = [RegisterKind::ReactiveForward, RegisterKind::ExportTotal];
    for (kind, value) in kinds.into_iter().zip(&registers[1..]) {
        row.register[kind.index()] = Some(*value);
    }
    row
}

/// 10 kWh, 3 kvarh and 1 kWh of export a day; the 9th and 10th (Tuesday, Wednesday) are silent.
#[test]
fn a_gap_shares_out_reactive_and_export_as_it_does_the_use() {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential");
    world.terms(&days(1, 11), vec![TermsRow::household(1, 10, plan, 100)]);
    for day in 1..=11_i8 {
        let n = i64::from(day);
        // One varh more, so that thirds do not come out even.
        let more = i64::from(day == 11);
        if !(9..=10).contains(&day) {
            let row = with_beside(day, [1_000 * n, 300 * n + more, 100 * n]);
            world.deliver(june(day), vec![row]);
        }
        world.settle(june(day));
    }
    let rows: Vec<StateRow> = (9..=11).map(|day| world.state(june(day), 1)).collect();
    let reactive: Vec<i64> = rows.iter().map(|row| row.reactive_forward_ukvarh).collect();
    assert_eq!(reactive.iter().sum::<i64>(), 9_010_000, "the sum is exact");
    assert!(reactive.iter().all(|part| (3_003_333..=3_003_334).contains(part)), "{reactive:?}");
    assert_eq!(rows.iter().map(|row| row.export_ukwh).collect::<Vec<_>>(), [1_000_000; 3]);
    for day in 1..=11 {
        assert_eq!(world.verify(june(day)), 0, "{day}");
    }
}

/// A demand that is read late changes no daily charge, but the month's bill: it is told.
#[test]
fn a_late_demand_is_a_change_though_no_charge_differs() {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential");
    world.terms(&days(1, 3), vec![TermsRow::household(1, 10, plan, 100)]);
    for day in 1..=3_i8 {
        world.deliver(june(day), vec![total(1, 100, june(day), 1_000 * i64::from(day))]);
        world.settle(june(day));
    }
    let mut late = total(1, 100, june(2), 2_000);
    late.register[RegisterKind::DemandMax.index()] = Some(520);
    late.revision = 1;
    let done = world.late(june(2), vec![late]);
    let [change] = done.changes[..] else { panic!("{:?}", done.changes) };
    assert_eq!((change.charge_before, change.day), (change.charge_after, june(2)));
    assert_eq!(change.beside_before, Beside::default());
    let after = Beside { demand_max_ukw: 5_200_000, ..Beside::default() };
    assert_eq!(change.beside_after, after);
}

/// Whoever moves in begins a ladder of their own, and their days add up apart from those before.
#[test]
fn a_change_of_account_divides_the_month_and_begins_the_ladder_anew() {
    let mut world = World::new();
    let plan = world.plan("shandong/residential");
    world.terms(&days(1, 9), vec![TermsRow::household(1, 10, plan, 100)]);
    world.terms(&days(10, 12), vec![TermsRow::household(1, 20, plan, 100)]);
    for day in 1..=12_i8 {
        let at = end_of(june(day));
        let row = ReadingRow { at, ..total(1, 100, june(day), 3_000 * i64::from(day)) };
        world.deliver(june(day), vec![row]);
        world.settle(june(day));
    }
    let (nine, ten) = (world.state(june(9), 1), world.state(june(10), 1));
    // 8 days of 30 kWh pass the first limit of 210 kWh; the newcomer starts from nothing.
    assert_eq!((nine.mtd_ukwh, nine.ytd_ukwh), (240_000_000, 240_000_000));
    assert_eq!((ten.mtd_ukwh, ten.ytd_ukwh), (30_000_000, 30_000_000));
    // 30 kWh × 0.5469 = 16.407, rounded to the fen as the document says.
    assert_eq!((ten.charge_day, ten.charge_mtd), (164_100, 164_100));
    let mut parts: Vec<MonthPoint> = Vec::new();
    let period = DatePeriod::new(june(1), june(13)).unwrap();
    month_points(&world.lake, period, (i64::MIN, i64::MAX), &world.days, |point| {
        parts.push(point);
        Ok(())
    })
    .unwrap();
    let told: Vec<_> =
        parts.iter().map(|p| (p.account, p.first_on, p.last_on, p.days, p.energy_ukwh())).collect();
    let expected =
        [(10, june(1), june(9), 9, 240_000_000), (20, june(10), june(12), 3, 90_000_000)];
    assert_eq!(told, expected);
    assert_eq!(parts[1].before.as_ref().map(|row| row.account), Some(10));
    let charges: i64 = (1..=12).map(|day| world.state(june(day), 1).charge_day).sum();
    assert_eq!(parts.iter().map(MonthPoint::charge_units).sum::<i64>(), charges);
    assert_eq!(world.verify(june(10)), 0);
}
