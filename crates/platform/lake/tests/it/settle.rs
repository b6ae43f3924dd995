//! The settlement of days, as stories.

use crate::world::{ORG, World, end_of, total};
use kernel::{Date, DatePeriod};
use lamplight_lake::{
    settle::{MonthPoint, month_of_point, month_points},
    tables::{DayMethod, IntervalRow, Measured, ReadingRow, TermsRow},
};
use metering::{
    reading::{Mark, Method, RegisterKind, Source, Validity},
    vee::RuleId,
};

fn june(day: i8) -> Date {
    Date::constant(2026, 6, day)
}

fn days(from: i8, to: i8) -> Vec<Date> {
    (from..=to).map(june).collect()
}

/// Story T-06: the Shandong ladder from 165.0 kWh on, rounded to the fen each day.
#[test]
fn daily_charges_follow_the_ladder_within_the_month() {
    let mut world = World::new();
    let plan = world.plan("shandong/residential");
    world.terms(&days(1, 7), vec![TermsRow::household(1, 10, plan, 100)]);
    let mut register = 0;
    let mut charges = Vec::new();
    for (day, used) in (1_i8..).zip([0, 16_500, 860, 2_200, 4_100, 3_000, 2_500]) {
        register += used;
        world.deliver(june(day), vec![total(1, 100, june(day), register)]);
        // A use of 165 kWh on one day only sets the scene; nobody confirms it here.
        charges.push(world.settle(june(day)).totals.charge_units);
    }
    assert_eq!(charges[2..], [47_000, 120_300, 237_500, 179_100, 149_200]);
    let last = world.state(june(7), 1);
    assert_eq!(last.mtd_ukwh, 291_600_000);
    assert_eq!(last.charge_mtd, charges.iter().sum::<i64>());
    for day in 1..=7 {
        assert_eq!(world.verify(june(day)), 0);
    }
}

fn gap_world(late: bool) -> World {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential-tou");
    world.terms(&days(1, 14), vec![TermsRow::household(1, 10, plan, 100)]);
    let mut register = 500_000;
    for day in 1..=14 {
        register += if day == 11 { 1_300 } else { 1_000 };
        let silent = (9..=10).contains(&day) || (late && day == 11);
        if !silent {
            world.deliver(june(day), vec![total(1, 100, june(day), register)]);
        }
        world.settle(june(day));
    }
    world
}

/// Two silent days are estimated, then replaced by their share of what was really used.
#[test]
fn a_gap_is_estimated_and_made_true_when_the_meter_answers() {
    let mut world = gap_world(false);
    let (nine, eleven) = (world.state(june(9), 1), world.state(june(11), 1));
    assert_eq!(DayMethod::from_code(nine.method), DayMethod::Spread);
    assert_eq!(DayMethod::from_code(eleven.method), DayMethod::Spread);
    let used: i64 = (9..=11).map(|day| world.state(june(day), 1).day_ukwh()).sum();
    assert_eq!(used, 33_000_000);
    assert_eq!(eleven.ytd_ukwh, 10_000_000 * 7 + 33_000_000);
    assert_eq!((eleven.gap_days, eleven.gap_ukwh), (0, 0));
    for day in 1..=14 {
        assert_eq!(world.verify(june(day)), 0, "{day}");
    }
}

#[test]
fn an_estimate_stays_marked_until_then() {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential-tou");
    world.terms(&days(1, 9), vec![TermsRow::household(1, 10, plan, 100)]);
    for day in 1..=7 {
        world.deliver(june(day), vec![total(1, 100, june(day), 1_000 * i64::from(day))]);
        world.settle(june(day));
    }
    let done = world.settle(june(8));
    assert_eq!((done.totals.estimated, done.totals.read), (1, 0));
    assert_eq!(world.state(june(8), 1).day_ukwh(), 10_000_000);
    let gap: Vec<RuleId> = done.exceptions[0].hits.iter().collect();
    assert_eq!(gap, [RuleId::Gap]);
    assert!(
        !done.exceptions[0].findings(&world.vee)[0].explain(metering::vee::Language::Zh).is_empty()
    );
}

/// Story T-07: a read of +420 % is stopped; once a person confirms it, the day is billed.
#[test]
fn a_jump_is_held_until_a_person_decides() {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential");
    world.terms(&days(1, 10), vec![TermsRow::household(1, 10, plan, 100)]);
    for day in 1..=7 {
        world.deliver(june(day), vec![total(1, 100, june(day), 1_000 * i64::from(day))]);
        world.settle(june(day));
    }
    let jump = total(1, 100, june(8), 7_000 + 5_200);
    world.deliver(june(8), vec![jump]);
    let done = world.settle(june(8));
    assert_eq!((done.totals.held, done.exceptions[0].held), (1, true));
    assert!(done.exceptions[0].hits.has(RuleId::High));
    assert_eq!(world.state(june(8), 1).day_ukwh(), 10_000_000);

    let confirmed = Mark { validity: Validity::Confirmed, method: Method::Measured };
    let decided = ReadingRow { mark: confirmed.code(), source: Source::Edited.code(), ..jump };
    let done = world.late(june(8), vec![decided]);
    assert_eq!(done.changes.len(), 1);
    assert_eq!(done.changes[0].energy_before_ukwh, 10_000_000);
    assert_eq!(done.changes[0].energy_after_ukwh, 52_000_000);
    assert_eq!(world.verify(june(8)), 0);
}

/// Story T-08: closing 15 410.2, last billed 15 234.6, new 0.0 to 62.5, ratio 40: 9 524 kWh.
#[test]
fn an_exchange_within_the_day_counts_both_meters() {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential");
    let old = TermsRow { multiplier: 40, scale: 1, ..TermsRow::household(1, 10, plan, 100) };
    let new = TermsRow { meter: 200, ..old };
    world.terms(&days(1, 1), vec![old]);
    world.terms(&days(2, 2), vec![new]);
    let read = |meter, at: i64, value| {
        let mut row = ReadingRow { at, meter, scale: 1, ..total(1, meter, june(1), 0) };
        row.register[RegisterKind::Total.index()] = Some(value);
        row
    };
    world.deliver(june(1), vec![read(100, end_of(june(1)), 152_346)]);
    world.settle(june(1));
    let noon = end_of(june(1)) + 12 * 3_600_000_000;
    // The closing and the opening read carry the same moment, and arrive in any order.
    world.deliver(
        june(2),
        vec![read(200, end_of(june(2)), 625), read(200, noon, 0), read(100, noon, 154_102)],
    );
    world.settle(june(2));
    let state = world.state(june(2), 1);
    assert_eq!(state.day_ukwh(), 9_524_000_000);
    assert_eq!((state.meter, state.register[0]), (200, Some(625)));
}

#[test]
fn a_register_passes_its_end_or_goes_back() {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential");
    let terms = |point| TermsRow { digits: 4, ..TermsRow::household(point, 10, plan, 100) };
    world.terms(&days(1, 2), vec![terms(1), terms(2)]);
    let both = |day, a, b| vec![total(1, 100, day, a), total(2, 100, day, b)];
    world.deliver(june(1), both(june(1), 999_500, 500_000));
    world.settle(june(1));
    world.deliver(june(2), both(june(2), 500, 499_000));
    let done = world.settle(june(2));
    assert_eq!(world.state(june(2), 1).day_ukwh(), 10_000_000);
    assert!(done.exceptions.iter().any(|e| e.usage_point == 1 && e.hits.has(RuleId::Rollover)));
    let back = done.exceptions.iter().find(|e| e.usage_point == 2).unwrap();
    assert!(back.held && back.hits.has(RuleId::Negative));
    assert_eq!(world.state(june(2), 2).day_ukwh(), 0);
}

/// Story T-11: the meter's own table is not the decreed one yet, so the total comes from the
/// register and the windows from the intervals.
#[test]
fn intervals_put_a_day_into_the_decreed_windows() {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential-tou");
    let terms = |measured: Measured| TermsRow {
        measured: measured.code(),
        ..TermsRow::household(1, 10, plan, 100)
    };
    world.terms(&days(1, 1), vec![terms(Measured::Registers)]);
    world.terms(&days(2, 2), vec![terms(Measured::Rebucketed)]);
    world.terms(&days(3, 3), vec![terms(Measured::Intervals)]);
    let curve = |day: Date| -> Vec<IntervalRow> {
        // 22:00 to 06:00 is valley: 32 quarters of 50 Wh against 64 of 100 Wh.
        (0..96_u16)
            .map(|slot| IntervalRow {
                usage_point: 1,
                day: lamplight_lake::tables::day_number(day),
                slot,
                minutes: 15,
                wh: if (24..88).contains(&slot) { 100 + i32::from(slot % 2) } else { 50 },
                ..IntervalRow::default()
            })
            .collect()
    };
    world.deliver(june(1), vec![total(1, 100, june(1), 0)]);
    world.settle(june(1));
    world.deliver(june(2), vec![total(1, 100, june(2), 803)]);
    world.deliver_intervals(june(2), curve(june(2)));
    world.settle(june(2));
    let rebucketed = world.state(june(2), 1);
    assert_eq!(rebucketed.day_ukwh(), 8_030_000);
    assert_eq!(DayMethod::from_code(rebucketed.method), DayMethod::Rebucketed);
    assert_eq!(rebucketed.used[3], 1_599_602); // 8.03 kWh × 1 600 / 8 032
    world.deliver_intervals(june(3), curve(june(3)));
    world.settle(june(3));
    let state = world.state(june(3), 1);
    assert_eq!(state.used, [0, 6_432_000, 0, 1_600_000, 0]);
    assert_eq!(DayMethod::from_code(state.method), DayMethod::Intervals);
    for day in 1..=3 {
        assert_eq!(world.verify(june(day)), 0);
    }
}

#[test]
fn a_period_adds_up_to_its_days() {
    let mut world = gap_world(false);
    let period = DatePeriod::new(june(2), june(15)).unwrap();
    let mut points: Vec<MonthPoint> = Vec::new();
    let range = (i64::MIN, i64::MAX);
    month_points(&world.lake, period, range, &world.days, |point| {
        points.push(point);
        Ok(())
    })
    .unwrap();
    let [point] = points.as_slice() else { panic!("one usage point") };
    let by_day: Vec<_> = (2..=14).map(|day| world.state(june(day), 1)).collect();
    assert_eq!(point.energy_ukwh(), by_day.iter().map(|s| s.day_ukwh()).sum::<i64>());
    assert_eq!(point.charge_units(), by_day.iter().map(|s| s.charge_day).sum::<i64>());
    assert_eq!((point.days, point.estimated_days), (13, 0));
    assert_eq!(point.before.as_ref().unwrap().register[0], Some(501_000));
    assert_eq!(point.after.register[0], Some(514_300));
    let missing = DatePeriod::new(june(2), june(20)).unwrap();
    assert!(month_points(&world.lake, missing, range, &world.days, |_| Ok(())).is_err());
    let (alone, days) = month_of_point(&world.lake, period, 1, &world.days).unwrap();
    assert_eq!(alone.as_ref(), Some(point), "one usage point alone comes to the same");
    assert_eq!(days.into_iter().map(|(_, row)| row).collect::<Vec<_>>(), by_day);
    assert!(month_of_point(&world.lake, missing, 1, &world.days).is_err());
    let (nobody, none) = month_of_point(&world.lake, period, 7, &world.days).unwrap();
    assert!(nobody.is_none() && none.is_empty());
}

#[test]
fn the_estimated_energy_of_a_period_is_counted() {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential-tou");
    world.terms(&days(1, 9), vec![TermsRow::household(1, 10, plan, 100)]);
    for day in 1..=9 {
        if day <= 7 {
            world.deliver(june(day), vec![total(1, 100, june(day), 1_000 * i64::from(day))]);
        }
        world.settle(june(day));
    }
    let period = DatePeriod::new(june(2), june(10)).unwrap();
    let (point, _) = month_of_point(&world.lake, period, 1, &world.days).unwrap();
    let point = point.unwrap();
    assert_eq!((point.days, point.estimated_days), (8, 2));
    assert_eq!((point.energy_ukwh(), point.estimated_ukwh), (80_000_000, 20_000_000));
}

#[test]
fn the_year_and_the_period_start_again() {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential");
    let terms = TermsRow {
        year_from_month: 6,
        year_from_day: 3,
        period_from_day: 4,
        ytd_start_ukwh: 5_000_000,
        ..TermsRow::household(1, 10, plan, 100)
    };
    world.terms(&days(1, 4), vec![terms]);
    let mut seen = Vec::new();
    for day in 1..=4 {
        world.deliver(june(day), vec![total(1, 100, june(day), 1_000 * i64::from(day))]);
        world.settle(june(day));
        let state = world.state(june(day), 1);
        seen.push((state.ytd_ukwh / 1_000_000, state.mtd_ukwh / 1_000_000));
    }
    assert_eq!(seen, [(5, 0), (15, 10), (10, 20), (20, 10)]);
}

#[test]
fn a_damaged_state_is_found_by_recomputing() {
    let mut world = gap_world(false);
    let mut row = world.state(june(5), 1);
    row.charge_day += 1;
    let file = world.lake.write_state(ORG, june(5), 1_000_001, vec![row]).unwrap();
    world.days.get_mut(&june(5)).unwrap().state.push(file.path);
    assert_eq!(world.verify(june(5)), 1);
}
