//! Interval values: energy per equal span of time, as one block of consecutive spans.

use kernel::{Fault, FaultKind, Instant};
use serde::{Deserialize, Serialize};

use super::{MAX_SCALE, Mark};

/// The interval lengths that meters deliver here, in seconds: 5, 10, 15, 20, 30, 60 minutes and
/// a whole day.
pub const INTERVAL_SECONDS: [u32; 7] = [300, 600, 900, 1_200, 1_800, 3_600, 86_400];

/// The most that one hour can have, µkWh: 500 MWh, more than any meter measures, and what a slot
/// holds when four are added to it.
pub const MOST_UKWH: i64 = 500_000_000_000;

/// What can be wrong with a block of intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// The interval length is none that is supported.
    #[error("intervals of {0} s are not supported: use 5, 10, 15, 20, 30 or 60 minutes or a day")]
    Length(u32),
    /// Values and marks differ in number.
    #[error("{values} values came with {marks} marks: there must be one mark for each value")]
    Marks {
        /// How many values.
        values: usize,
        /// How many marks.
        marks: usize,
    },
    /// More decimals than any stored value may have.
    #[error("{0} decimals are too many: an interval value keeps at most 9")]
    Scale(u8),
}

impl Fault for IntervalError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Length(_) => "metering.interval_length",
            Self::Marks { .. } => "metering.interval_marks",
            Self::Scale(_) => "metering.interval_scale",
        }
    }
}

/// Consecutive intervals of one channel: value `i` covers
/// `[from + i × interval, from + (i + 1) × interval)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntervalBlock {
    from: Instant,
    interval_s: u32,
    scale: u8,
    values: Vec<Option<i64>>,
    marks: Vec<Mark>,
}

impl IntervalBlock {
    /// A block; a missing value is `None` and still carries its mark.
    ///
    /// # Errors
    /// [`IntervalError`] when the length is not supported, the marks do not match, or the scale
    /// is too fine.
    pub fn new(
        from: Instant,
        interval_s: u32,
        scale: u8,
        values: Vec<Option<i64>>,
        marks: Vec<Mark>,
    ) -> Result<Self, IntervalError> {
        if !INTERVAL_SECONDS.contains(&interval_s) {
            return Err(IntervalError::Length(interval_s));
        }
        if values.len() != marks.len() {
            return Err(IntervalError::Marks { values: values.len(), marks: marks.len() });
        }
        if scale > MAX_SCALE {
            return Err(IntervalError::Scale(scale));
        }
        Ok(Self { from, interval_s, scale, values, marks })
    }

    /// The start of the first interval.
    #[must_use]
    pub const fn from(&self) -> Instant {
        self.from
    }

    /// The end of the last interval.
    #[must_use]
    pub fn to(&self) -> Instant {
        let count = i64::try_from(self.values.len()).unwrap_or(i64::MAX);
        self.from.plus_seconds(count.saturating_mul(i64::from(self.interval_s)))
    }

    /// The length of each interval in seconds.
    #[must_use]
    pub const fn interval_s(&self) -> u32 {
        self.interval_s
    }

    /// The decimals of every value.
    #[must_use]
    pub const fn scale(&self) -> u8 {
        self.scale
    }

    /// The values in order.
    #[must_use]
    pub fn values(&self) -> &[Option<i64>] {
        &self.values
    }

    /// The marks in order, one for each value.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Start, value and mark of each interval.
    pub fn iter(&self) -> impl Iterator<Item = (Instant, Option<i64>, Mark)> + '_ {
        let step = i64::from(self.interval_s);
        let starts = (0_i64..).map(move |i| self.from.plus_seconds(i.saturating_mul(step)));
        starts.zip(&self.values).zip(&self.marks).map(|((at, value), mark)| (at, *value, *mark))
    }

    /// The sum of the values that are present, at this block's scale.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.values.iter().flatten().map(|v| i128::from(*v)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_half_open_and_complete() {
        let at = Instant::from_micros(0);
        let values = vec![Some(5), None, Some(7)];
        let block = IntervalBlock::new(at, 900, 3, values, vec![Mark::RAW; 3]).unwrap();
        assert_eq!(block.to(), at.plus_seconds(2_700));
        assert_eq!(block.sum(), 12);
        assert_eq!(block.iter().nth(1), Some((at.plus_seconds(900), None, Mark::RAW)));
        assert!(IntervalBlock::new(at, 901, 3, vec![], vec![]).is_err());
        assert!(IntervalBlock::new(at, 900, 3, vec![None], vec![]).is_err());
        assert!(IntervalBlock::new(at, 900, 10, vec![], vec![]).is_err());
    }
}
