//! Sums and means of interval values over hours, days or any other spans, exact.
//!
//! A value whose interval is cut by the edge of a span is shared by time. Sums are integers with
//! nine further digits, so even such shares add up to a billionth of a value's last digit.

use jiff::{ToSpan, civil::Date};
use kernel::{Instant, QuantityError, RoundingMode, Zone, div_round};

/// The further digits of [`Bin::sum`]: sums are in 10^-9 of the values' own unit.
pub const EXTRA_DIGITS: u32 = 9;

const FINER: i128 = 1_000_000_000;
const HOUR_US: i128 = 3_600_000_000;

/// One value over a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The start of the span.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
    /// An amount over the span (energy), as an integer at the caller's scale.
    pub value: i64,
}

/// What falls into one span of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// The start of the span.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
    /// The amount, with [`EXTRA_DIGITS`] further digits.
    pub sum: i128,
    /// How much of the span has values, in microseconds.
    pub covered_us: i64,
    /// The lowest rate per hour among its values, with [`EXTRA_DIGITS`] further digits.
    pub lowest_per_hour: Option<i128>,
    /// The highest.
    pub highest_per_hour: Option<i128>,
}

impl Bin {
    const fn empty(from: Instant, to: Instant) -> Self {
        Self { from, to, sum: 0, covered_us: 0, lowest_per_hour: None, highest_per_hour: None }
    }

    /// The mean amount per hour over the time that has values, with [`EXTRA_DIGITS`] further
    /// digits; `None` without any.
    #[must_use]
    pub fn mean_per_hour(&self) -> Option<i128> {
        if self.covered_us == 0 {
            return None;
        }
        let (whole, us) = (self.sum, i128::from(self.covered_us));
        div_round(whole.checked_mul(HOUR_US)?, us, RoundingMode::HalfEven)
    }

    /// Whether every moment of the span has a value.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.covered_us == self.to.micros() - self.from.micros()
    }
}

/// Puts samples into spans. Both must be in order and without overlap among themselves; samples
/// outside all spans are left out.
///
/// # Errors
/// [`QuantityError::Overflow`] when a sum does not fit.
pub fn aggregate(
    samples: &[Sample],
    spans: &[(Instant, Instant)],
) -> Result<Vec<Bin>, QuantityError> {
    let mut first = 0;
    let mut bins = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        let mut bin = Bin::empty(*from, *to);
        let skip = samples.get(first..).unwrap_or(&[]).iter().take_while(|s| s.to <= *from).count();
        first += skip;
        let inside = samples.get(first..).unwrap_or(&[]).iter().take_while(|s| s.from < *to);
        for sample in inside {
            take(&mut bin, sample).ok_or(QuantityError::Overflow("sum of intervals"))?;
        }
        bins.push(bin);
    }
    Ok(bins)
}

fn take(bin: &mut Bin, sample: &Sample) -> Option<()> {
    let length = sample.to.micros().checked_sub(sample.from.micros()).filter(|us| *us > 0)?;
    let shared = sample.to.min(bin.to).micros() - sample.from.max(bin.from).micros();
    let fine = i128::from(sample.value).checked_mul(FINER)?;
    let part = if shared == length {
        fine
    } else {
        div_round(fine.checked_mul(shared.into())?, length.into(), RoundingMode::HalfEven)?
    };
    let rate = div_round(fine.checked_mul(HOUR_US)?, length.into(), RoundingMode::HalfEven)?;
    bin.sum = bin.sum.checked_add(part)?;
    bin.covered_us = bin.covered_us.checked_add(shared)?;
    bin.lowest_per_hour = Some(bin.lowest_per_hour.map_or(rate, |low| low.min(rate)));
    bin.highest_per_hour = Some(bin.highest_per_hour.map_or(rate, |high| high.max(rate)));
    Some(())
}

/// At which end whole spans begin when a period is no multiple of their length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// From the first day on; the incomplete rest at the end is left out.
    Start,
    /// From the last day back; the incomplete rest at the start is left out.
    End,
}

/// Whole spans of so many local days within `[from, to)`.
///
/// # Errors
/// [`QuantityError::Overflow`] at the edge of the calendar; [`QuantityError::DivisionByZero`] for
/// spans of no days.
pub fn day_spans(
    zone: &Zone,
    (from, to): (Date, Date),
    days: u16,
    align: Align,
) -> Result<Vec<(Instant, Instant)>, QuantityError> {
    let all = (to - from).get_days().max(0);
    let days = i32::from(days);
    let count = all.checked_div(days).ok_or(QuantityError::DivisionByZero("days of a span"))?;
    let rest = if align == Align::End { all - count * days } else { 0 };
    let edge = |index: i32| {
        let date = from.checked_add((rest + index * days).days());
        zone.instant_of(date.map_err(|_| QuantityError::Overflow("date"))?.at(0, 0, 0, 0))
    };
    (0..count).map(|index| Ok((edge(index)?, edge(index + 1)?))).collect()
}

/// Spans of so many hours within `[from, to)`, counted from `from` in real time; a last one that
/// would pass the end is left out.
#[must_use]
pub fn hour_spans(from: Instant, to: Instant, hours: u16) -> Vec<(Instant, Instant)> {
    let step = i64::from(hours.max(1)) * 3_600;
    let mut spans = Vec::new();
    let mut start = from;
    loop {
        let end = start.plus_seconds(step);
        if end > to || end <= start {
            return spans;
        }
        spans.push((start, end));
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn at(minutes: i64) -> Instant {
        Instant::from_micros(minutes * 60_000_000)
    }

    fn sample(from: i64, to: i64, value: i64) -> Sample {
        Sample { from: at(from), to: at(to), value }
    }

    #[test]
    fn intervals_of_any_length_add_up() {
        let samples =
            [sample(0, 15, 100), sample(15, 30, 200), sample(30, 50, 90), sample(50, 70, 60)];
        let bins = aggregate(&samples, &[(at(0), at(60)), (at(60), at(120))]).unwrap();
        assert_eq!(bins[0].sum, 420 * FINER, "half of the last value lies beyond");
        assert_eq!(bins[1].sum, 30 * FINER);
        assert!(bins[0].is_complete() && !bins[1].is_complete());
        assert_eq!(bins[1].mean_per_hour(), Some(180 * FINER), "over the ten minutes with a value");
        assert_eq!(bins[0].highest_per_hour, Some(800 * FINER));
        assert_eq!(bins[0].lowest_per_hour, Some(180 * FINER));
        let empty = aggregate(&samples, &[(at(500), at(560))]).unwrap();
        assert_eq!(empty[0].mean_per_hour(), None);
    }

    #[test]
    fn local_days_and_their_alignment() {
        let zone = Zone::get("Europe/London").unwrap();
        let period = (date(2026, 3, 25), date(2026, 4, 1));
        let hours: Vec<i64> = day_spans(&zone, period, 1, Align::Start)
            .unwrap()
            .iter()
            .map(|(from, to)| (to.micros() - from.micros()) / 3_600_000_000)
            .collect();
        assert_eq!(hours, [24, 24, 24, 24, 23, 24, 24]);
        let back = day_spans(&zone, period, 3, Align::End).unwrap();
        assert_eq!(back.len(), 2);
        assert_eq!(zone.date_of(back[0].0), date(2026, 3, 26));
        assert!(day_spans(&zone, period, 0, Align::End).is_err());
        assert_eq!(hour_spans(at(0), at(179), 1).len(), 2);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_between_bins(
            values in proptest::collection::vec(-5_000_000_i64..5_000_000, 1..60),
            cut in 1_i64..900
        ) {
            let samples: Vec<Sample> = (0_i64..).zip(&values).map(|(i, v)| sample(i * 15, i * 15 + 15, *v)).collect();
            let end = samples.last().unwrap().to;
            let edge = at(cut).min(end);
            let spans: Vec<_> = [(at(0), edge), (edge, end)].into_iter().filter(|(a, b)| a < b).collect();
            let bins = aggregate(&samples, &spans).unwrap();
            let total: i128 = bins.iter().map(|bin| bin.sum).sum();
            let exact = i128::from(values.iter().sum::<i64>()) * FINER;
            prop_assert!((total - exact).abs() <= 1);
        }
    }
}
