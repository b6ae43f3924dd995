//! Major-event days by the 2.5-beta method: a day whose SAIDI is beyond what the years before
//! make usual is reported apart.
//!
//! Days of zero SAIDI have no logarithm and are left out of alpha and beta. With fewer years of
//! history than the rule asks for, what there is is used and said.

use std::collections::BTreeMap;

use jiff::civil::date;
use kernel::{Date, RoundingMode, Zone, div_round};

use super::{Basis, Deviation, MajorEventRule, ReliabilityError, Served, Standard, Table};

/// SAIDI is kept in these parts of a minute, so that sums of days are exact.
pub const PARTS: i128 = 1_000_000_000;

/// A day's sustained interruptions, counted where they began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The local date.
    pub on: Date,
    /// SAIDI in 1e-9 minutes.
    pub saidi_nmin: i128,
    /// Customers interrupted, where known.
    pub interruptions: Option<i128>,
}

/// What makes a day of a year a major-event day.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The reporting year.
    pub year: i16,
    /// First day of history.
    pub from: Date,
    /// Last day of history.
    pub to: Date,
    /// Calendar years that the history touches.
    pub years: i16,
    /// Whether that is fewer than the rule asks for, or the first or last is not whole.
    pub incomplete: bool,
    /// Days with SAIDI above zero.
    pub days_used: usize,
    /// Days of zero, left out.
    pub zero_days: usize,
    /// Mean of the natural logarithms of SAIDI in minutes.
    pub alpha: f64,
    /// Their standard deviation.
    pub beta: f64,
    /// The threshold in minutes.
    pub t_med_min: f64,
}

/// A reporting year, whole and without its major-event days.
#[derive(Debug, Clone, PartialEq)]
pub struct Year {
    /// What the days were compared with.
    pub threshold: Threshold,
    /// The days beyond it.
    pub major: Vec<Date>,
    /// SAIDI of all days in 1e-9 minutes.
    pub saidi_all_nmin: i128,
    /// SAIDI without the major-event days.
    pub saidi_without_nmin: i128,
    /// Interruptions of all days, where known.
    pub interruptions_all: Option<i128>,
    /// Interruptions without those of major-event days.
    pub interruptions_without: Option<i128>,
}

/// The daily SAIDI of a table: every day of the period, also those without an interruption.
///
/// # Errors
/// [`ReliabilityError::Overflow`] at the edge of the calendar, for a period beyond 200 years, and
/// for a sum that does not fit.
pub fn daily(
    table: &Table,
    standard: &Standard,
    basis: &Basis,
    zone: &Zone,
) -> Result<Vec<Day>, ReliabilityError> {
    basis.check()?;
    let too_far = |_| ReliabilityError::Overflow("days");
    let first = zone.date_of(kernel::Instant::from_micros(0).plus_seconds(basis.from_s));
    let mut starts = Vec::new();
    let mut on = first;
    loop {
        let period = zone.day(on).map_err(too_far)?;
        let start_s = period.from().micros().div_euclid(1_000_000);
        if start_s >= basis.to_s {
            break;
        }
        starts.push((start_s, on));
        on = on.tomorrow().map_err(|_| ReliabilityError::Overflow("days"))?;
        if starts.len() > 200 * 366 {
            return Err(ReliabilityError::Overflow("days"));
        }
    }
    let mut sums = vec![(0_i128, 0_i128); starts.len()];
    for spell in &table.spells {
        if !basis.holds(spell.began_s) || spell.seconds <= standard.momentary_max_s {
            continue;
        }
        let after = starts.partition_point(|(start_s, _)| *start_s <= spell.began_s);
        let customers = i128::from(spell.customers);
        if let Some(sum) = after.checked_sub(1).and_then(|at| sums.get_mut(at)) {
            sum.0 += customers * i128::from(spell.seconds);
            sum.1 += customers;
        }
    }
    let day = |((_, on), (seconds, count)): (&(i64, Date), (i128, i128))| {
        let saidi_nmin = saidi(seconds, basis.served)?;
        Ok(Day { on: *on, saidi_nmin, interruptions: Some(count) })
    };
    starts.iter().zip(sums).map(day).collect()
}

/// Customer-seconds per customer as 1e-9 minutes.
fn saidi(seconds: i128, served: Served) -> Result<i128, ReliabilityError> {
    let (above, below) = served.share(seconds, 60);
    let above = above.checked_mul(PARTS);
    above
        .and_then(|above| div_round(above, below, RoundingMode::HalfUp))
        .ok_or(ReliabilityError::Overflow("daily SAIDI"))
}

/// The threshold of a year from the days before it; nothing when fewer than two have SAIDI.
#[must_use]
pub fn threshold(days: &[Day], year: i16, rule: &MajorEventRule) -> Option<Threshold> {
    let oldest = year.checked_sub(rule.history_years)?;
    let history = || days.iter().filter(|day| (oldest..year).contains(&day.on.year()));
    let (from, to) = (history().map(|day| day.on).min()?, history().map(|day| day.on).max()?);
    let logs: Vec<f64> = history().filter_map(|day| minutes(day.saidi_nmin)).map(f64::ln).collect();
    let zero_days = history().count() - logs.len();
    if logs.len() < 2 {
        return None;
    }
    let count = logs.len() as f64;
    let alpha = logs.iter().sum::<f64>() / count;
    let squares = logs.iter().map(|log| (log - alpha).powi(2)).sum::<f64>();
    let divisor = match rule.deviation {
        Deviation::Sample => count - 1.0,
        Deviation::Population => count,
    };
    let beta = (squares / divisor).sqrt();
    let multiplier = rule.multiplier.numerator() as f64 / rule.multiplier.denominator() as f64;
    let whole = from == date(oldest, 1, 1) && to == date(year - 1, 12, 31);
    Some(Threshold {
        year,
        from,
        to,
        years: year - from.year(),
        incomplete: !whole,
        days_used: logs.len(),
        zero_days,
        alpha,
        beta,
        t_med_min: (alpha + multiplier * beta).exp(),
    })
}

/// Minutes above zero.
fn minutes(nmin: i128) -> Option<f64> {
    (nmin > 0).then_some(nmin as f64 / PARTS as f64)
}

/// Every year that has days before it, with its major-event days. Days that stand twice are added.
///
/// # Errors
/// [`ReliabilityError::Overflow`].
pub fn years(days: &[Day], rule: &MajorEventRule) -> Result<Vec<Year>, ReliabilityError> {
    let mut one: BTreeMap<Date, Day> = BTreeMap::new();
    for day in days {
        let sum =
            one.entry(day.on).or_insert(Day { on: day.on, saidi_nmin: 0, interruptions: Some(0) });
        let saidi = sum.saidi_nmin.checked_add(day.saidi_nmin);
        sum.saidi_nmin = saidi.ok_or(ReliabilityError::Overflow("daily SAIDI"))?;
        sum.interruptions = sum.interruptions.zip(day.interruptions).map(|(a, b)| a + b);
    }
    let days: Vec<Day> = one.into_values().collect();
    let mut numbers: Vec<i16> = days.iter().map(|day| day.on.year()).collect();
    numbers.dedup();
    let found = numbers.into_iter().filter_map(|year| threshold(&days, year, rule));
    Ok(found.map(|threshold| of_year(&days, threshold)).collect())
}

fn of_year(days: &[Day], threshold: Threshold) -> Year {
    let own: Vec<&Day> = days.iter().filter(|day| day.on.year() == threshold.year).collect();
    let beyond =
        |day: &&&Day| minutes(day.saidi_nmin).is_some_and(|saidi| saidi > threshold.t_med_min);
    let usual: Vec<&Day> = own.iter().filter(|day| !beyond(day)).copied().collect();
    let saidi = |days: &[&Day]| days.iter().map(|day| day.saidi_nmin).sum();
    let count = |days: &[&Day]| days.iter().map(|day| day.interruptions).sum();
    Year {
        major: own.iter().filter(beyond).map(|day| day.on).collect(),
        saidi_all_nmin: saidi(&own),
        saidi_without_nmin: saidi(&usual),
        interruptions_all: count(&own),
        interruptions_without: count(&usual),
        threshold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reliability::{DEFAULT_RULES, Rules};

    fn rule() -> MajorEventRule {
        let rules = Rules::parse(DEFAULT_RULES).unwrap();
        rules.standard("ieee-1366", date(2026, 1, 1)).unwrap().major_event_day.unwrap()
    }

    fn day(on: Date, saidi_nmin: i128) -> Day {
        Day { on, saidi_nmin, interruptions: Some(1) }
    }

    #[test]
    fn the_threshold_is_of_the_logarithms_without_days_of_zero() {
        // ln 1 = 0 and ln e² = 2: alpha 1, beta √2, threshold e^(1 + 2.5·√2).
        let e2 = 7_389_056_099;
        let history = [
            day(date(2024, 1, 1), PARTS),
            day(date(2024, 6, 1), 0),
            day(date(2024, 12, 31), e2),
            day(date(2025, 3, 1), 94 * PARTS),
            day(date(2025, 3, 2), 93 * PARTS),
        ];
        let years = years(&history, &rule()).unwrap();
        assert_eq!(years.len(), 1);
        let year = &years[0];
        assert!((year.threshold.t_med_min - (1.0 + 2.5 * 2.0_f64.sqrt()).exp()).abs() < 1e-6);
        assert_eq!((year.threshold.days_used, year.threshold.zero_days), (2, 1));
        assert!(year.threshold.incomplete);
        // e^4.5355 = 93.3: the first day is beyond it, the second is not.
        assert_eq!(year.major, [date(2025, 3, 1)]);
        assert_eq!((year.saidi_all_nmin, year.saidi_without_nmin), (187 * PARTS, 93 * PARTS));
        assert_eq!(year.interruptions_without, Some(1));
    }

    #[test]
    fn only_the_five_years_before_count() {
        let mut days: Vec<Day> =
            (2018..2026).map(|year| day(date(year, 1, 1), i128::from(year) * PARTS)).collect();
        days.push(day(date(2025, 12, 31), PARTS));
        let found = threshold(&days, 2026, &rule()).unwrap();
        assert_eq!((found.years, found.days_used, found.incomplete), (5, 6, false));
        assert_eq!(found.from, date(2021, 1, 1));
        assert!(threshold(&days, 2019, &rule()).is_none(), "one day has no deviation");
    }
}
