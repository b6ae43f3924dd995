//! The days behind a bill: use by time of day, how each day was found, its charge, and the sum.

use kernel::Date;
use lake::tables::StateRow;

use super::{super::shown, sheet::Sheet};
use crate::http::{
    i18n::Words,
    ui::{Alert, Cell, Chart, ChartKind, Column, Empty, Row, Series, Sign, Table},
};

/// The words of the five buckets, in the order of the state.
pub(super) const BUCKETS: [&str; 5] = ["sharp", "peak", "flat", "valley", "deep"];

/// The buckets that have any energy.
pub(super) fn used(days: &[(Date, StateRow)]) -> Vec<usize> {
    (0..5).filter(|bucket| days.iter().any(|(_, state)| state.used[*bucket] != 0)).collect()
}

/// A day of the table, with the sum of the charges so far.
fn sums(days: &[(Date, StateRow)]) -> Vec<i64> {
    let running = days.iter().scan(0_i64, |sum, (_, state)| {
        *sum = sum.saturating_add(state.charge_day);
        Some(*sum)
    });
    running.collect()
}

pub(super) fn table(t: Words, sheet: &Sheet, days: &[(Date, StateRow)]) -> Table {
    let used = used(days);
    let mut columns =
        vec![Column::text(t.get("bills.day")).main(), Column::text(t.get("bills.method"))];
    if used.len() > 1 {
        columns.extend(used.iter().map(|bucket| Column::number(t.of("bucket", BUCKETS[*bucket]))));
    }
    columns.extend([
        Column::number(t.get("bills.use_kwh")),
        Column::number(t.get("bills.day_charge")),
        Column::number(t.get("bills.running")),
    ]);
    let row = |label: Cell, method: Cell, by_bucket: [i64; 5], all: i64, charge: i64, sum: i64| {
        let mut cells = vec![label, method];
        if used.len() > 1 {
            cells.extend(used.iter().map(|at| Cell::text(shown::kwh_figure(t, by_bucket[*at]))));
        }
        cells.extend([
            Cell::text(shown::kwh_figure(t, all)),
            Cell::text(shown::amount(t, charge)),
            Cell::text(shown::amount(t, sum)),
        ]);
        Row::new(cells)
    };
    let readings = |day: &Date| {
        format!("/console/usage-points/{}/readings?from={day}&to={day}", sheet.point.id)
    };
    let rows = days.iter().zip(sums(days)).map(|((day, state), sum)| {
        let method = Cell::part(&shown::day_method(t, state));
        let label = Cell::link(t.day(*day), readings(day));
        row(label, method, state.used, state.day_ukwh(), state.charge_day, sum)
    });
    let mut total = [0_i64; 5];
    for (_, state) in days {
        for (sum, used) in total.iter_mut().zip(state.used) {
            *sum = sum.saturating_add(used);
        }
    }
    let charge = days.iter().map(|(_, state)| state.charge_day).sum();
    let label = Cell::text(t.get("bills.sum"));
    let last = row(label, Cell::text(""), total, total.iter().sum(), charge, charge).total();
    let rows: Vec<Row> = rows.collect();
    let has_days = !rows.is_empty();
    let empty = Empty::new(t.get("bills.no_days"), t.get("bills.no_days_text"));
    Table::new(t, t.get("bills.days"), columns)
        .rows(rows)
        .rows(has_days.then_some(last))
        .empty(empty)
        .plain()
}

/// Said when the days were settled again after the bill was made.
pub(super) fn note(t: Words, sheet: &Sheet, days: &[(Date, StateRow)]) -> Option<Alert> {
    let now = days.iter().map(|(_, state)| state.charge_day).sum();
    let then = sheet.bill.daily_charge_units;
    let places: [(&str, &dyn std::fmt::Display); 2] =
        [("now", &shown::amount(t, now)), ("then", &shown::amount(t, then))];
    (now != then && !days.is_empty())
        .then(|| Alert::new(Sign::Warn, t.with("bills.days_moved", &places)))
}

pub(super) fn chart(t: Words, days: &[(Date, StateRow)]) -> Option<Chart> {
    if days.is_empty() {
        return None;
    }
    let labels = days.iter().map(|(day, _)| t.day(*day)).collect();
    let estimated: Vec<bool> = days
        .iter()
        .map(|(_, s)| lake::tables::DayMethod::from_code(s.method).is_estimate())
        .collect();
    let mut chart = Chart::new(t, t.get("bills.chart"), ChartKind::Bar, t.get("bills.day"), labels)
        .unit(t.get("unit.kwh"), 6)
        .stacked();
    for bucket in used(days) {
        chart = chart.series(Series {
            name: t.of("bucket", BUCKETS[bucket]).to_owned(),
            values: days.iter().map(|(_, state)| Some(state.used[bucket])).collect(),
            estimated: estimated.clone(),
        });
    }
    Some(chart)
}

/// The days as CSV: heading and rows.
pub(super) fn csv(t: Words, days: &[(Date, StateRow)]) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let mut heading = vec![t.get("bills.day"), t.get("bills.method")];
    heading.extend(BUCKETS.iter().map(|word| t.of("bucket", word)));
    heading.extend([t.get("bills.use_kwh"), t.get("bills.day_charge"), t.get("bills.running")]);
    let rows = days.iter().zip(sums(days)).map(|((day, state), sum)| {
        let mut row = vec![day.to_string(), shown::day_method_word(t, state).to_owned()];
        row.extend(state.used.iter().map(|used| shown::csv_kwh(*used)));
        row.extend([
            shown::csv_kwh(state.day_ukwh()),
            shown::csv_amount(state.charge_day),
            shown::csv_amount(sum),
        ]);
        row
    });
    (heading, rows.collect())
}
