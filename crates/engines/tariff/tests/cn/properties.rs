//! What must hold for any use under every bundled tariff.

use kernel::{Ratio, Reactive};
use lamplight_tariff::{
    Amount, CapacityPart, CellGroup, CellKind, DayPosition, DemandBasis, EnergyUse, Entitlement,
    MAX_CELLS, MonthFacts, Plan, RatedBill, TariffError, close_month, compare, rate_parts,
    verify_lines,
};
use proptest::prelude::*;

use crate::cn::support::{day, library, plan};

fn any_plan() -> impl Strategy<Value = &'static Plan> {
    (0..library().plans().len()).prop_map(|i| library().plan(i).unwrap())
}

fn any_entitlement() -> impl Strategy<Value = Entitlement> {
    (0_u8..2, any::<bool>(), 1_i64..=12).prop_map(|(family_units, free_quota, months)| {
        Entitlement { family_units, free_quota, share: Ratio::new(months, 12).unwrap() }
    })
}

/// Up to 80 kWh per bucket and day, to the Wh.
fn any_days() -> impl Strategy<Value = Vec<[i64; 5]>> {
    prop::collection::vec(prop::array::uniform5((0_i64..80_000).prop_map(|wh| wh * 1_000)), 1..31)
}

fn facts(plan: &Plan) -> MonthFacts {
    let mut facts = MonthFacts::of_period(day("2026-01-01"), day("2026-02-01")).unwrap();
    if plan.demand.basic.is_some() {
        facts.basis = Some(DemandBasis::Contract);
        facts.capacity =
            vec![CapacityPart { capacity_ukva: 500_000_000, days: 31, share: Ratio::ONE }];
        facts.contract_ukw = Some(300_000_000);
        facts.actual_ukw = Some(333_333_333);
    }
    if plan.power_factor.is_some() {
        facts.reactive_forward = Some(Reactive::from_ukvarh(1_234_567_890));
    }
    facts
}

struct Settled<'a> {
    group: CellGroup<'a>,
    posted: Amount,
    days: usize,
}

/// Settles days one by one from a position.
fn settle<'a>(
    plan: &'a Plan,
    entitlement: &Entitlement,
    mut before: DayPosition,
    days: &[[i64; 5]],
) -> Result<Settled<'a>, TariffError> {
    let form = plan.daily(0)?;
    let limits = form.limits(entitlement)?;
    let (from, to) = (day("2026-01-01"), day("2026-02-01"));
    let mut group = CellGroup { plan, set: 0, from, to, cells_ukwh: [0; MAX_CELLS] };
    let mut posted = Amount::ZERO;
    for used in days {
        let charged = form.day_charge(&limits, before, used)?;
        group.add(to, &charged.cells_ukwh)?;
        posted = posted.plus(Amount::from_units(charged.charge_units))?;
        let total: i64 = used.iter().sum();
        before.ytd_ukwh += total;
        before.mtd_ukwh += total;
    }
    Ok(Settled { group, posted, days: days.len() })
}

fn sum_days(days: &[[i64; 5]]) -> [i64; 5] {
    let mut all = [0; 5];
    for day in days {
        for (total, energy) in all.iter_mut().zip(day) {
            *total += energy;
        }
    }
    all
}

fn bill_of(plan: &Plan, settled: &Settled<'_>) -> RatedBill {
    close_month(&[settled.group], Some(settled.posted), &facts(plan)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn base_cells_add_up_to_the_use(
        plan in any_plan(),
        entitlement in any_entitlement(),
        start in 0_i64..6_000_000_000,
        used in prop::array::uniform5(0_i64..3_000_000_000),
    ) {
        let form = plan.daily(0).unwrap();
        let limits = form.limits(&entitlement).unwrap();
        let before = DayPosition { ytd_ukwh: start, mtd_ukwh: start / 12 };
        let cells = form.split(&limits, before, &used).unwrap();
        let base = form.cells().iter().zip(cells).filter(|(c, _)| {
            matches!(c.kind, CellKind::Base { .. })
        });
        let total: i64 = base.map(|(_, energy)| energy).sum();
        prop_assert_eq!(total, used.iter().sum::<i64>());
        prop_assert!(cells.iter().all(|c| *c >= 0));
    }

    #[test]
    fn days_in_any_split_give_the_same_cells(
        plan in any_plan(),
        entitlement in any_entitlement(),
        start in 0_i64..6_000_000_000,
        days in any_days(),
    ) {
        let before = DayPosition { ytd_ukwh: start, mtd_ukwh: start / 12 };
        let daily = settle(plan, &entitlement, before, &days).unwrap();
        let whole = settle(plan, &entitlement, before, &[sum_days(&days)]).unwrap();
        let cells = plan.daily(0).unwrap().cells().to_vec();
        // A price per tier and register splits each crossing in proportion, so there only the
        // tiers and the registers must agree, each by itself.
        let key = |kind: CellKind, by_tier: bool| match kind {
            CellKind::Base { tier, column } if plan.buckets.len() > 1 && tier > 0 => {
                if by_tier { format!("tier {tier}") } else { format!("column {column}") }
            }
            other => format!("{other:?}"),
        };
        for by_tier in [true, false] {
            let grouped = |settled: &Settled<'_>| {
                let mut sums = std::collections::BTreeMap::<String, i64>::new();
                for (cell, energy) in cells.iter().zip(settled.group.cells_ukwh) {
                    *sums.entry(key(cell.kind, by_tier)).or_default() += energy;
                }
                sums
            };
            prop_assert_eq!(grouped(&daily), grouped(&whole));
        }
    }

    #[test]
    fn lines_and_daily_postings_agree_and_every_line_verifies(
        plan in any_plan(),
        entitlement in any_entitlement(),
        start in 0_i64..6_000_000_000,
        days in any_days(),
    ) {
        let before = DayPosition { ytd_ukwh: start, mtd_ukwh: start / 12 };
        let settled = settle(plan, &entitlement, before, &days).unwrap();
        let bill = bill_of(plan, &settled);
        verify_lines(&bill).unwrap();
        let month_only: Amount = Amount::sum(bill.lines.iter().filter(|l| {
            use lamplight_tariff::LineKind::{Demand, Fixed, Loss, Minimum, PowerFactor};
            matches!(l.kind, Demand | Fixed | Loss | Minimum | PowerFactor)
        }).map(|l| l.amount)).unwrap();
        prop_assert_eq!(settled.posted.plus(month_only).unwrap(), bill.total);
        // Rounding never exceeds half a fen a day and a line.
        let rounding = bill.sum_of(&[lamplight_tariff::LineKind::Rounding]).unwrap();
        let bound = i64::try_from(settled.days + bill.lines.len()).unwrap() * 50;
        prop_assert!(rounding.units().abs() <= bound);
        // What is written reads back.
        let json = serde_json::to_string(&bill).unwrap();
        let back: RatedBill = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back, bill);
    }

    #[test]
    fn a_changed_amount_or_operand_is_found(
        plan in any_plan(),
        days in any_days(),
        pick in any::<prop::sample::Index>(),
    ) {
        let before = DayPosition::default();
        let mut used = days;
        used[0][2] += 5_000_000;
        let settled = settle(plan, &Entitlement::default(), before, &used).unwrap();
        let bill = bill_of(plan, &settled);
        let mut forged = bill.clone();
        let line = pick.index(forged.lines.len());
        let raised = forged.lines[line].amount.plus(Amount::from_units(100)).unwrap();
        forged.lines[line].amount = raised;
        prop_assert!(verify_lines(&forged).is_err());
        let mut forged = bill;
        forged.total = forged.total.plus(Amount::from_units(100)).unwrap();
        prop_assert!(verify_lines(&forged).is_err());
    }

    #[test]
    fn more_use_never_costs_less_and_tiers_only_rise(
        start in 0_i64..6_000_000_000,
        used in 0_i64..500_000_000,
        more in 0_i64..500_000_000,
    ) {
        for id in ["zhejiang/residential", "shanghai/residential", "bench/four-register",
                   "shandong/residential", "guangzhou/residential"] {
            let plan = plan(id, "2025-07-01");
            let form = plan.daily(0).unwrap();
            let limits = form.limits(&Entitlement::default()).unwrap();
            let before = DayPosition { ytd_ukwh: start, mtd_ukwh: start };
            let exact = |start: i64, kwh: i64| {
                let before = DayPosition { ytd_ukwh: start, mtd_ukwh: start };
                let cells = form.split(&limits, before, &[0, 0, kwh]).unwrap();
                form.exact_e14(&cells).unwrap()
            };
            let charge = |kwh: i64| form.day_charge(&limits, before, &[0, 0, kwh]).unwrap();
            prop_assert!(charge(used + more).charge_units >= charge(used).charge_units);
            // The same energy later in the ladder never costs less.
            prop_assert!(exact(start + more, used) >= exact(start, used));
        }
    }

    #[test]
    fn effects_add_up_to_the_difference(
        plans in (any_plan(), any_plan()),
        starts in (0_i64..6_000_000_000, 0_i64..6_000_000_000),
        days in (any_days(), any_days()),
        estimated in (0_i64..50_000_000, 0_i64..50_000_000),
        shorter in 1_i64..20,
    ) {
        let bill = |plan: &Plan, start: i64, days: &[[i64; 5]], estimated: i64, to: i64| {
            let before = DayPosition { ytd_ukwh: start, mtd_ukwh: start / 12 };
            let settled = settle(plan, &Entitlement::default(), before, days).unwrap();
            let mut facts = facts(plan);
            facts.estimated_ukwh = estimated;
            facts.to = facts.to.checked_sub(jiff::ToSpan::days(to)).unwrap();
            close_month(&[settled.group], Some(settled.posted), &facts).unwrap()
        };
        let a = bill(plans.0, starts.0, &days.0, estimated.0, 0);
        let b = bill(plans.1, starts.1, &days.1, estimated.1, shorter);
        let comparison = compare(&a, &b).unwrap();
        let sum = Amount::sum(comparison.effects.iter().map(|e| e.amount)).unwrap();
        prop_assert_eq!(sum, comparison.difference);
        prop_assert_eq!(a.total.plus(sum).unwrap(), b.total);
    }

    /// The integer arithmetic of benchmark job (a), restated: 0.01 kWh and 1e-4 yuan.
    #[test]
    fn the_bench_document_is_the_arithmetic_of_job_a(
        used in prop::array::uniform4(0_i64..20_000),
        ytd in 0_i64..700_000,
    ) {
        let plan = plan("bench/four-register", "2026-01-01");
        let form = plan.daily(0).unwrap();
        let limits = form.limits(&Entitlement::default()).unwrap();
        let ukwh = |hundredths: i64| hundredths * 10_000;
        let by_bucket = used.map(ukwh);
        let before = DayPosition { ytd_ukwh: ukwh(ytd), mtd_ukwh: 0 };
        let charge = form.day_charge(&limits, before, &by_bucket).unwrap();
        let over = |x: i64, limit: i64| (x - limit).max(0);
        let after = ytd + used.iter().sum::<i64>();
        let [sharp, peak, flat, valley] = used;
        let energy = sharp * 10_218 + peak * 8_418 + flat * 5_580 + valley * 3_380
            + (over(after, 276_000) - over(ytd, 276_000)) * 500
            + (over(after, 480_000) - over(ytd, 480_000)) * 2_500;
        prop_assert_eq!(charge.charge_units, (energy + 5_000) / 10_000 * 100);
    }

    #[test]
    fn the_order_of_intervals_does_not_matter(
        mut used in prop::collection::vec((0_i64..96, 1_i64..2_000_000), 1..200),
        seed in any::<u64>(),
    ) {
        let plan = plan("guangzhou/residential-tou", "2025-07-01");
        let calendar = library().calendar_of(plan).unwrap();
        let weather = lamplight_tariff::Weather::default();
        let rebucket = |list: &[(i64, i64)]| {
            let intervals: Vec<_> = list.iter().map(|(slot, energy_ukwh)| {
                let start = day("2025-07-01").at(0, 0, 0, 0)
                    .checked_add(jiff::ToSpan::minutes(slot * 15)).unwrap();
                lamplight_tariff::IntervalUse { start, minutes: 15, energy_ukwh: *energy_ukwh }
            }).collect();
            plan.windows.rebucket(&intervals, &calendar, &weather).unwrap()
        };
        let sorted = rebucket(&used);
        let mut state = seed | 1;
        for i in (1..used.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let j = usize::try_from(state >> 33).unwrap() % (i + 1);
            used.swap(i, j);
        }
        prop_assert_eq!(rebucket(&used), sorted);
    }
}

#[test]
fn negative_use_is_refused() {
    let plan = plan("zhejiang/residential", "2025-07-01");
    let energy = EnergyUse {
        from: day("2025-07-01"),
        to: day("2025-08-01"),
        by_bucket: [0, 0, -1, 0, 0, 0, 0, 0],
        before: DayPosition::default(),
    };
    let facts = MonthFacts::of_period(energy.from, energy.to).unwrap();
    let refused = rate_parts(&[(plan, energy)], &Entitlement::default(), &facts).unwrap_err();
    assert!(refused.to_string().contains("negative"), "{refused}");
}
