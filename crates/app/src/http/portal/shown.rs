//! How the portal writes values: amounts in their currency, energy to a hundredth of a
//! kilowatt-hour, days as one chart.

use std::collections::BTreeMap;

use kernel::{Currency, Date, Money, RoundingMode, div_round};
use lake::tables::{DayMethod, StateRow};
use tariff::Label;

use crate::http::{
    i18n::{Locale, Words},
    ui::{Chart, ChartKind, Series, svg::Bucket},
};

/// The buckets of a day in the order in which states keep them.
const BUCKETS: [Bucket; 5] =
    [Bucket::Sharp, Bucket::Peak, Bucket::Flat, Bucket::Valley, Bucket::Deep];

/// A name of the tariff engine in the visitor's language.
pub(super) fn label(t: Words, label: &Label) -> &str {
    match t.locale() {
        Locale::ZhCn => &label.zh,
        Locale::En => &label.en,
    }
}

/// As [`label`], at the start of a line: with a capital where the language has them.
pub(super) fn title(t: Words, name: &Label) -> String {
    let name = label(t, name);
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// An amount of 1e-4 units in the currency with this stored code.
pub(super) fn money(t: Words, code: &str, units: i64) -> String {
    t.money(Money::new(units, Currency::from_code(code).unwrap_or_default()))
}

/// Energy in hundredths of a kWh, as people read it.
pub(super) fn hundredths(ukwh: i64) -> i64 {
    div_round(i128::from(ukwh), 10_000, RoundingMode::HalfUp)
        .and_then(|value| i64::try_from(value).ok())
        .unwrap_or_default()
}

/// Energy without its unit, to a hundredth of a kWh.
pub(super) fn kwh(t: Words, ukwh: i64) -> String {
    t.decimal(i128::from(hundredths(ukwh)), 2, 0)
}

/// Energy with its unit.
pub(super) fn energy(t: Words, ukwh: i64) -> String {
    format!("{}\u{a0}{}", kwh(t, ukwh), t.get("unit.kwh"))
}

/// Whether a day stands on an estimate.
pub(super) fn is_estimated(row: &StateRow) -> bool {
    DayMethod::from_code(row.method).is_estimate()
}

/// What all usage points used on one day.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DayUse {
    /// By bucket, µkWh.
    pub used: [i64; 5],
    /// The charge, 1e-4 of the currency.
    pub charge: i64,
    /// Whether any of it is estimated.
    pub estimated: bool,
}

impl DayUse {
    /// All buckets together, µkWh.
    pub(super) fn ukwh(&self) -> i64 {
        self.used.iter().sum()
    }
}

/// The usage points' days added up.
pub(super) fn by_day<'a>(
    rows: impl IntoIterator<Item = &'a (Date, StateRow)>,
) -> BTreeMap<Date, DayUse> {
    let mut days: BTreeMap<Date, DayUse> = BTreeMap::new();
    for (day, row) in rows {
        let sum = days.entry(*day).or_default();
        for (total, used) in sum.used.iter_mut().zip(row.used) {
            *total = total.saturating_add(used);
        }
        sum.charge = sum.charge.saturating_add(row.charge_day);
        sum.estimated |= is_estimated(row);
    }
    days
}

/// Daily use as a chart, by bucket where there is more than one.
pub(super) fn day_chart(t: Words, title: &str, days: &BTreeMap<Date, DayUse>) -> Chart {
    let labels = days.keys().map(|day| t.day(*day)).collect();
    let estimated: Vec<bool> = days.values().map(|day| day.estimated).collect();
    let mut chart = Chart::new(t, title, ChartKind::Bar, t.get("portal.day"), labels)
        .unit(t.get("unit.kwh"), 2)
        .stacked();
    let used: Vec<usize> =
        (0..BUCKETS.len()).filter(|i| days.values().any(|day| day.used[*i] != 0)).collect();
    if used.len() < 2 {
        let values = days.values().map(|day| Some(hundredths(day.ukwh()))).collect();
        return chart.series(Series { name: t.get("portal.use").to_owned(), values, estimated });
    }
    for index in used {
        let values = days.values().map(|day| Some(hundredths(day.used[index]))).collect();
        let name = t.of("bucket", BUCKETS[index].name()).to_owned();
        chart = chart.series(Series { name, values, estimated: estimated.clone() });
    }
    chart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_is_read_to_a_hundredth() {
        let t = Words(Locale::En);
        assert_eq!(energy(t, 12_345_678), "12.35\u{a0}kWh");
        assert_eq!(kwh(t, 3_000_000), "3");
    }

    #[test]
    fn a_flat_tariff_has_one_series_and_time_of_use_one_per_bucket() {
        let t = Words(Locale::En);
        let day = |used| DayUse { used, ..DayUse::default() };
        let flat = BTreeMap::from([(Date::constant(2026, 6, 1), day([0, 0, 5_000_000, 0, 0]))]);
        assert_eq!(day_chart(t, "x", &flat).to_string().matches("&#34;name&#34;").count(), 1);
        let tou =
            BTreeMap::from([(Date::constant(2026, 6, 1), day([0, 2_000_000, 0, 3_000_000, 0]))]);
        assert_eq!(day_chart(t, "x", &tou).to_string().matches("&#34;name&#34;").count(), 2);
    }
}
