//! The prices of a plan as tables: tiers by window, components, and everything beside energy.

use kernel::{Energy, Rate, RoundingMode};
use tariff::{FixedPer, Label, MinimumPer, Plan, RateSet, Scheme, Step, TierBasis};

use crate::http::{
    console::shown,
    i18n::Words,
    ui::{Cell, Column, Definitions, Row, Table},
};

/// One table for each price set.
pub(super) fn tables(t: Words, plan: &Plan) -> Vec<Table> {
    plan.sets.iter().map(|set| table(t, plan, set)).collect()
}

fn table(t: Words, plan: &Plan, set: &RateSet) -> Table {
    let mut columns = vec![Column::text(t.get("tariffs.tier")).main()];
    columns.extend(plan.buckets.iter().map(|def| Column::number(shown::label(t, &def.label))));
    let name = shown::label(t, &set.label);
    let caption = if name.is_empty() {
        t.get("tariffs.prices").to_owned()
    } else {
        format!("{} · {name}", t.get("tariffs.prices"))
    };
    Table::new(t, caption, columns).rows(rows(t, plan, &set.scheme))
}

fn rows(t: Words, plan: &Plan, scheme: &Scheme) -> Vec<Row> {
    let line = |label: String, rates: Vec<String>| {
        let cells = std::iter::once(Cell::text(label)).chain(rates.into_iter().map(Cell::text));
        Row::new(cells.collect())
    };
    let shown = |rates: &[Rate]| rates.iter().map(|rate| t.rate(*rate)).collect::<Vec<_>>();
    match scheme {
        Scheme::Adders { rates, limits, adders } => {
            let mut rows = vec![line(tier(t, plan, limits, 0), shown(rates))];
            for (number, adder) in (1..).zip(adders) {
                let added = rates
                    .iter()
                    .map(|rate| {
                        let sum = rate.e8().checked_add(adder.e8()).map(Rate::from_e8);
                        sum.map_or_else(|| "–".to_owned(), |sum| t.rate(sum))
                    })
                    .collect();
                rows.push(line(tier(t, plan, limits, number), added));
            }
            rows
        }
        Scheme::Matrix { limits, rates } => rates
            .iter()
            .enumerate()
            .map(|(number, rates)| line(tier(t, plan, limits, number), shown(rates)))
            .collect(),
        Scheme::PerBucket { steps } => {
            let most = steps.iter().map(Vec::len).max().unwrap_or(0);
            (0..most)
                .map(|number| {
                    let cell = |steps: &Vec<Step>| match steps.get(number) {
                        Some(step) => t.decimal(step.rate.e18(), 18, 4),
                        None => String::new(),
                    };
                    line(
                        t.number(i64::try_from(number).unwrap_or(0) + 1),
                        steps.iter().map(cell).collect(),
                    )
                })
                .collect()
        }
    }
}

/// The name of a tier with its limits: "2: 2,760 to 4,800 kWh a year".
fn tier(t: Words, plan: &Plan, limits: &[Energy], number: usize) -> String {
    if limits.is_empty() {
        return t.get("tariffs.one_tier").to_owned();
    }
    let basis = match plan.tier_basis {
        TierBasis::Month => t.get("tariffs.a_month"),
        TierBasis::Year => t.get("tariffs.a_year"),
    };
    let from = number.checked_sub(1).and_then(|n| limits.get(n));
    let range = match (from, limits.get(number)) {
        (None, Some(to)) => t.with("tariffs.up_to", &[("to", &t.energy(*to))]),
        (Some(from), Some(to)) => {
            t.with("tariffs.between", &[("from", &t.kwh(*from)), ("to", &t.energy(*to))])
        }
        (Some(from), None) => t.with("tariffs.above", &[("from", &t.energy(*from))]),
        (None, None) => String::new(),
    };
    t.with("tariffs.tier_of", &[("n", &(number + 1)), ("range", &range), ("basis", &basis)])
}

/// The components of the printed price.
pub(super) fn components(t: Words, plan: &Plan) -> Option<Table> {
    if plan.components.is_empty() && plan.surcharges.is_empty() {
        return None;
    }
    let row = |label: &Label, rate: Rate| {
        Row::new(vec![Cell::text(shown::label(t, label)), Cell::text(t.rate(rate))])
    };
    let rows = plan
        .components
        .iter()
        .map(|part| row(&part.label, part.rate))
        .chain(plan.surcharges.iter().map(|part| row(&part.label, part.rate)));
    let columns = vec![
        Column::text(t.get("tariffs.component")).main(),
        Column::number(t.get("tariffs.per_kwh")),
    ];
    Some(Table::new(t, t.get("tariffs.components"), columns).rows(rows))
}

/// What is charged beside energy, and how amounts are rounded.
pub(super) fn terms(t: Words, plan: &Plan) -> Definitions {
    let mut list = Definitions::new();
    if let Some(basic) = &plan.demand.basic {
        list = list
            .text(t.get("tariffs.by_capacity"), &t.rate(basic.capacity_rate))
            .text(t.get("tariffs.by_demand"), &t.rate(basic.demand_rate));
    }
    if let Some(rule) = &plan.power_factor {
        let standard = t.decimal(i128::from(rule.table.standard), 2, 2);
        list = list.text(
            t.get("tariffs.power_factor"),
            &t.with("tariffs.power_factor_text", &[("standard", &standard)]),
        );
    }
    if let Some(family) = plan.allowances.family_extension {
        list = list.text(t.get("tariffs.family"), &t.energy(family));
    }
    if let Some(free) = plan.allowances.free_quota {
        list = list.text(t.get("tariffs.free_quota"), &t.energy(free));
    }
    for fixed in &plan.fixed {
        let per = match fixed.per {
            FixedPer::Month => t.get("tariffs.a_month"),
            FixedPer::Day => t.get("tariffs.a_day"),
        };
        list = list.text(shown::label(t, &fixed.label), &format!("{} {per}", t.rate(fixed.rate)));
    }
    for minimum in &plan.minimums {
        let per = match minimum.per {
            MinimumPer::Month => t.get("tariffs.a_month"),
            MinimumPer::Year => t.get("tariffs.a_year"),
        };
        list = list.text(t.get("tariffs.minimum"), &format!("{} {per}", t.rate(minimum.rate)));
    }
    list.text(t.get("tariffs.daily_rounding"), &rounding(t, plan.rounding.daily))
        .text(t.get("tariffs.line_rounding"), &rounding(t, plan.rounding.line))
}

fn rounding(t: Words, rule: kernel::Rounding) -> String {
    let mode = match rule.mode {
        RoundingMode::HalfUp => t.get("tariffs.half_up"),
        RoundingMode::HalfEven => t.get("tariffs.half_even"),
        RoundingMode::Down => t.get("tariffs.down"),
        RoundingMode::Up => t.get("tariffs.up"),
    };
    let step = t.decimal(i128::from(rule.step), 4, 2);
    t.with("tariffs.rounding_text", &[("mode", &mode), ("step", &step)])
}
