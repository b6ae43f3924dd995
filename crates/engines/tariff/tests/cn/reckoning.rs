//! Stories: exchange, meter doubt, a decree inside the month, why a bill is higher, what another
//! tariff would cost.

use kernel::{Energy, Ratio, Rounding, RoundingMode};
use lamplight_tariff::{
    Almanac, Bucket, Cause, DayPosition, Entitlement, HistoryEnergy, HistoryMonth, IntervalUse,
    LadderSettlement, LineKind, MonthFacts, TariffError, Weather, adjust, compare, interval_parts,
    rate_parts, text::parse_ratio, verify_lines, what_if,
};

use crate::cn::support::{bill, buckets, day, flat_plan, library, plan, plan_of, ukwh, usage};

/// Story T-08: closes 15 410.2 (last billed 15 234.6), new 0.0 → 62.5, ratio 40.
#[test]
fn a_meter_exchange_bills_one_continuous_use() {
    let old = ukwh("15410.2") - ukwh("15234.6");
    let use_ = Energy::from_ukwh(old + ukwh("62.5"));
    let billed = use_.times(Ratio::new(40, 1).unwrap(), RoundingMode::HalfUp).unwrap();
    assert_eq!(billed.to_string(), "9524");
    let usage =
        usage("2026-09-01", "2026-10-01", &[(Bucket::FLAT, "9524")], DayPosition::default());
    let bill = bill(&flat_plan("0.65", ""), &usage);
    assert_eq!(bill.total.to_string(), "6190.60");
}

/// Story T-09: +3.2 %, 2 400 kWh in the half period, refunded at the tier prices of that time.
#[test]
fn a_fast_meter_is_refunded_at_the_tier_prices_of_that_time() {
    let error = parse_ratio("3.2%").unwrap();
    let over = adjust::meter_error_energy(ukwh_energy("2400"), error, 10_000).unwrap();
    assert_eq!(over.to_string(), "74.42");
    // A slow meter owes; a meter without error owes nothing.
    let slow =
        adjust::meter_error_energy(ukwh_energy("2400"), parse_ratio("-3.2%").unwrap(), 10_000);
    assert_eq!(slow.unwrap().to_string(), "-79.34");
    assert_eq!(
        adjust::meter_error_energy(ukwh_energy("2400"), Ratio::ZERO, 10_000),
        Ok(Energy::ZERO)
    );
    assert!(
        adjust::meter_error_energy(ukwh_energy("1"), parse_ratio("-100%").unwrap(), 1).is_err()
    );
    // Half a year from 2 500 kWh of the Zhejiang year: tiers 2 and 3 were reached, and the
    // refund takes 74.42 kWh off the top: all of it in tier 3.
    let plan = plan("zhejiang/residential", "2025-07-01");
    let form = plan.daily(0).unwrap();
    let limits = form.limits(&Entitlement::default()).unwrap();
    let before = DayPosition { ytd_ukwh: ukwh("2500"), mtd_ukwh: 0 };
    let right = ukwh("2400") - over.ukwh();
    let refund = adjust::refund_at_tier_prices(
        &form,
        &limits,
        before,
        &[0, 0, ukwh("2400")],
        &[0, 0, right],
        Rounding::FEN,
    );
    assert_eq!(refund.unwrap().to_string(), "62.36"); // 74.42 × 0.838
}

fn ukwh_energy(kwh: &str) -> Energy {
    Energy::parse(kwh).unwrap()
}

const OLD: &str = "[energy]\n[[energy.set]]\nprices = { peak = \"1.0\", flat = \"0.6\", \
                   valley = \"0.3\" }\n[[windows]]\npeak = [\"08:00-12:00\"]\n\
                   valley = [\"00:00-08:00\"]\nrest = \"flat\"\n";

/// Story T-11: windows change on 1 June inside a cycle from 25 May to 25 June; the meter keeps
/// the old windows, so the energy from 1 June is re-bucketed from intervals.
#[test]
fn a_decree_inside_the_cycle_shows_both_windows() {
    let new = OLD.replace("peak = [\"08:00-12:00\"]", "peak = [\"17:00-21:00\"]");
    let (old, new) = (plan_of(OLD), plan_of(&new));
    let (from, change, to) = (day("2026-05-25"), day("2026-06-01"), day("2026-06-25"));
    // 1 kWh each hour from 08:00 to 12:00, 2 kWh each from 17:00 to 21:00, every day.
    let mut intervals = Vec::new();
    for date in kernel::DatePeriod::new(from, to).unwrap().iter_days() {
        for hour in (8..12).chain(17..21) {
            let energy_ukwh = if hour < 12 { 1_000_000 } else { 2_000_000 };
            let start = date.at(hour, 0, 0, 0);
            intervals.push(IntervalUse { start, minutes: 60, energy_ukwh });
        }
    }
    let calendar = kernel::BusinessCalendar::weekdays_only();
    let weather = Weather::default();
    let almanac = Almanac { calendar: &calendar, weather: &weather };
    let (early, late): (Vec<_>, Vec<_>) =
        intervals.into_iter().partition(|i| i.start.date() < change);
    let zero = DayPosition::default();
    let mut parts = Vec::new();
    for (plan, span, list) in [(&old, (from, change), &early), (&new, (change, to), &late)] {
        for part in interval_parts(plan, span, zero, list, almanac).unwrap() {
            parts.push((plan, part));
        }
    }
    let facts = MonthFacts::of_period(from, to).unwrap();
    let bill = rate_parts(&parts, &Entitlement::default(), &facts).unwrap();
    verify_lines(&bill).unwrap();
    let said: Vec<String> = bill
        .lines
        .iter()
        .map(|l| format!("{}..{} {} {} {}", l.from, l.to, l.key, l.quantity, l.amount))
        .collect();
    assert_eq!(
        said,
        [
            "2026-05-25..2026-06-01 energy.peak 28 28.00",
            "2026-05-25..2026-06-01 energy.flat 56 33.60",
            "2026-06-01..2026-06-25 energy.peak 192 192.00",
            "2026-06-01..2026-06-25 energy.flat 96 57.60",
        ]
    );
    assert_eq!(bill.tariffs.len(), 2);
    assert_eq!(bill.energy_ukwh, 31 * 12_000_000);
    // An interval outside the period is refused, not dropped.
    let stray = interval_parts(&old, (from, change), zero, &late, almanac).unwrap_err();
    assert!(stray.to_string().contains("lies outside 2026-05-25 to 2026-06-01"), "{stray}");
}

/// An interval across a window's edge is split by time, and nothing is lost.
#[test]
fn half_hours_across_an_edge_are_split() {
    let plan = plan_of(&OLD.replace("08:00", "08:15"));
    let start = day("2026-06-01").at(8, 0, 0, 0);
    let interval = IntervalUse { start, minutes: 30, energy_ukwh: 3 };
    let calendar = kernel::BusinessCalendar::weekdays_only();
    let days = plan.windows.rebucket(&[interval], &calendar, &Weather::default()).unwrap();
    let day = days.values().next().unwrap();
    assert_eq!((day[Bucket::VALLEY.index()], day[Bucket::PEAK.index()]), (1, 2));
    let late = IntervalUse { start: start.date().at(23, 45, 0, 0), minutes: 30, energy_ukwh: 1 };
    assert!(plan.windows.rebucket(&[late], &calendar, &Weather::default()).is_err());
}

/// June and July of a Guangzhou home: more days, more a day, a higher tier, later hours.
#[test]
fn why_a_bill_is_higher_adds_up() {
    let plan = plan("guangzhou/residential-tou", "2025-06-01");
    let list = |p, f, v| [(Bucket::PEAK, p), (Bucket::FLAT, f), (Bucket::VALLEY, v)];
    let zero = DayPosition::default();
    let june = bill(plan, &usage("2025-06-01", "2025-07-01", &list("80", "120", "40"), zero));
    let mut later = usage("2025-07-01", "2025-08-01", &list("250", "300", "150"), zero);
    later.facts.estimated_ukwh = ukwh("50");
    let july = bill(plan, &later);
    let comparison = compare(&june, &july).unwrap();
    assert_eq!(comparison.difference.to_string(), "347.35"); // 506.78 − 159.43
    let of = |cause| {
        let effect = comparison.effects.iter().find(|e| e.cause == cause);
        effect.map_or("0".to_owned(), |e| e.amount.to_string())
    };
    // 159.43 / 240 kWh = 0.66429 a kWh: 8 kWh of one more day, 50 kWh estimated, 402 kWh more.
    assert_eq!(of(Cause::Days), "5.31");
    assert_eq!(of(Cause::Estimation), "33.21");
    assert_eq!(of(Cause::Volume), "267.05");
    assert_eq!(of(Cause::TimeOfUse), "-5.22");
    assert_eq!(of(Cause::Tier), "47.00"); // 340 × 0.05 + 100 × 0.30
    assert_eq!(of(Cause::Price), "0");
    let named: i64 = comparison.effects.iter().map(|e| e.amount.units()).sum();
    assert_eq!(named, comparison.difference.units());
}

#[test]
fn a_price_change_alone_is_all_price() {
    let list = [(Bucket::FLAT, "1000")];
    let at = |price| {
        let usage = usage("2026-01-01", "2026-02-01", &list, DayPosition::default());
        bill(&flat_plan(price, ""), &usage)
    };
    let comparison = compare(&at("0.60"), &at("0.65")).unwrap();
    assert_eq!(comparison.effects.len(), 1);
    assert_eq!(comparison.effects[0].cause, Cause::Price);
    assert_eq!(comparison.effects[0].amount.to_string(), "50.00");
}

/// A decree in the middle of the earlier month: the later month is dearer by the decree, not by the
/// season, though both end under the same document.
#[test]
fn a_decree_within_the_earlier_month_is_a_change_of_price() {
    let list = [(Bucket::FLAT, "1000")];
    let at = |price: &str, from, to| {
        let usage = usage(from, to, &list, DayPosition::default());
        bill(&flat_plan(price, ""), &usage)
    };
    let (old, new) =
        (at("0.60", "2026-01-01", "2026-02-01"), at("0.65", "2026-02-01", "2026-03-01"));
    let mut mixed = old;
    mixed.tariffs.extend(new.tariffs.clone());
    let comparison = compare(&mixed, &new).unwrap();
    let causes: Vec<Cause> = comparison.effects.iter().map(|effect| effect.cause).collect();
    assert!(causes.contains(&Cause::Price) && !causes.contains(&Cause::Season), "{causes:?}");
}

/// 阶梯 or 峰谷: a home that runs at night saves by time of use.
#[test]
fn what_if_recommends_with_both_bills_as_proof() {
    let (ladder, tou) = (
        plan("zhejiang/residential", "2025-01-01"),
        plan("zhejiang/residential-tou", "2025-01-01"),
    );
    let month = |m: i8| {
        let from = kernel::Date::constant(2025, m, 1);
        let to = from.last_of_month().tomorrow().unwrap();
        HistoryMonth {
            energy: HistoryEnergy::Registers(buckets(&[
                (Bucket::PEAK, "200"),
                (Bucket::VALLEY, "200"),
            ])),
            facts: MonthFacts::of_period(from, to).unwrap(),
        }
    };
    let history: Vec<HistoryMonth> = (1..=12).map(month).collect();
    let calendar = library().calendar("cn").unwrap();
    let weather = Weather::default();
    let almanac = Almanac { calendar, weather: &weather };
    let found = what_if(ladder, tou, &history, &Entitlement::default(), almanac).unwrap();
    // 4 800 kWh: the ladder 2 760 × 0.538 + 2 040 × 0.588; time of use 2 400 × 0.568 +
    // 2 400 × 0.288 + 2 040 × 0.05.
    assert_eq!(found.total_a.to_string(), "2684.40");
    assert_eq!(found.total_b.to_string(), "2156.40");
    assert_eq!(found.difference.to_string(), "-528.00");
    assert_eq!(found.months.len(), 12);
    for month in &found.months {
        verify_lines(&month.a).unwrap();
        verify_lines(&month.b).unwrap();
    }
    // A total cannot tell peak from valley.
    let total = HistoryMonth { energy: HistoryEnergy::Total(ukwh("400")), ..month(1) };
    let refused = what_if(ladder, tou, &[total], &Entitlement::default(), almanac).unwrap_err();
    assert!(matches!(refused, TariffError::FactMissing { .. }), "{refused}");
}

/// Settled daily and rated at once agree to the rounding line (story T-06, the whole month).
#[test]
fn the_sum_of_daily_charges_is_the_bill() {
    let plan = plan("shandong/residential", "2025-07-01");
    let days = ["165.0", "8.6", "22.0", "41.0", "30.0", "25.0"];
    let rows: String =
        days.iter().enumerate().map(|(i, kwh)| format!("2025-07-{:02},{kwh}\n", i + 1)).collect();
    let calendar = library().calendar("cn").unwrap();
    let text = format!("key,value\nfrom,2025-07-01\nto,2025-08-01\n{rows}");
    let bill = lamplight_tariff::rate_usage_csv(plan, calendar, &text).unwrap();
    verify_lines(&bill).unwrap();
    // 90.24 + 4.70 + 12.03 + 23.75 + 17.91 + 14.92
    assert_eq!(bill.total.to_string(), "163.55");
    let lines: Vec<String> = bill.lines.iter().map(|l| format!("{} {}", l.key, l.amount)).collect();
    assert_eq!(
        lines,
        ["energy.flat.tier1 114.85", "energy.flat.tier2 48.71", "rounding.daily -0.01"]
    );
    assert_eq!(bill.sum_of(&[LineKind::Rounding]).unwrap().to_string(), "-0.01");
}

/// Who leaves Zhejiang in March after 1 500 kWh had three twelfths of the year's limits: 690 and
/// 1 200 kWh. The days were rated by 2 760 and 4 800, all in the first tier; 690 × 0.538 + 510 × 0.588 + 300 × 0.838 = 922.50 is 115.50 more than 1 500 × 0.538.
#[test]
fn who_leaves_within_the_year_settles_the_ladder() {
    let plan = plan("zhejiang/residential", "2026-03-01");
    let before = DayPosition { ytd_ukwh: ukwh("1100"), mtd_ukwh: 0 };
    let mut usage = usage("2026-03-01", "2026-03-16", &[(Bucket::FLAT, "400")], before);
    let share = Ratio::new(3, 12).unwrap();
    usage.facts.ladder = Some(LadderSettlement {
        used_ukwh: ukwh("1500"),
        applied: Entitlement::default(),
        due: Entitlement { share, ..Entitlement::default() },
    });
    let bill = bill(plan, &usage);
    let of = |key: &str| {
        let line = bill.lines.iter().find(|line| line.key == key).unwrap();
        format!("{} {}", line.quantity, line.amount)
    };
    assert_eq!(of("ladder.flat.tier1"), "-810 -435.78");
    assert_eq!(of("ladder.flat.tier2"), "510 299.88");
    assert_eq!(of("ladder.flat.tier3"), "300 251.40");
    assert_eq!(bill.total.to_string(), "330.70"); // 400 × 0.538 + 115.50
    verify_lines(&bill).unwrap();
}
