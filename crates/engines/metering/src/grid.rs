//! Validation and estimation of one meter's month of intervals, in one tight loop.
//!
//! The same rules as [`crate::vee`], for the nightly run over millions of meters: a grid of
//! `days × SLOTS` integers is checked and completed in place, without allocating per meter.
//! Findings in words are made from the flags afterwards, for the few meters that have some.

use kernel::{Fault, FaultKind};

/// What the flag of an interval says; the bits add up.
pub mod flag {
    /// No value was delivered.
    pub const GAP: u8 = 1;
    /// The delivered value was negative and is thrown away.
    pub const NEGATIVE: u8 = 2;
    /// The delivered value was a spike and is thrown away.
    pub const SPIKE: u8 = 4;
    /// The value is one of a long run of equal values; it is kept.
    pub const STUCK: u8 = 8;
    /// Estimated on the line between its neighbours.
    pub const LINEAR: u8 = 16;
    /// Estimated by the mean of the same slot on days of the same kind.
    pub const LIKE_DAY: u8 = 32;
    /// No estimate was possible; the value is zero.
    pub const NONE: u8 = 64;
    /// The bits that make a value unusable.
    pub const BAD: u8 = GAP | NEGATIVE | SPIKE;
}

/// The thresholds of the grid checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridRules {
    /// A day's largest value is a spike when it exceeds the third largest by more than this many
    /// tenths of the third largest (California: 18, that is 180 %).
    pub spike_tenths: u32,
    /// How many equal values above zero in a row make a stuck meter; at least 2.
    pub stuck_run: usize,
    /// The longest gap that is filled on a line, in intervals (8 × 15 min = 2 h).
    pub linear_run: usize,
}

impl Default for GridRules {
    fn default() -> Self {
        Self { spike_tenths: 18, stuck_run: 12, linear_run: 8 }
    }
}

/// What the grid cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// The slices do not have one element for each interval of the grid.
    #[error("a grid of {expected} intervals was given {values} values and {flags} flags")]
    Length {
        /// Intervals of the grid.
        expected: usize,
        /// Values given.
        values: usize,
        /// Flags given.
        flags: usize,
    },
    /// A day kind above [`Grid::KINDS`], or a threshold outside its range.
    #[error("the grid was set up with {0}")]
    Setup(&'static str),
}

impl Fault for GridError {
    fn kind(&self) -> FaultKind {
        FaultKind::Bug
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "metering.grid_length",
            Self::Setup(_) => "metering.grid_setup",
        }
    }
}

/// The checks for meters with `SLOTS` intervals a day; set up once, used for every meter.
#[derive(Debug, Clone)]
pub struct Grid<const SLOTS: usize> {
    rules: GridRules,
    day_kinds: Vec<u8>,
    /// Like-day estimates of the present meter by kind and slot; `EMPTY` = not computed yet.
    like_days: Vec<i32>,
}

/// A like-day estimate that is not computed yet.
const EMPTY: i32 = i32::MIN;
/// A like-day estimate that does not exist: no valid interval in that slot.
const ABSENT: i32 = -1;

impl<const SLOTS: usize> Grid<SLOTS> {
    /// How many kinds of day there can be (working day, weekend, holiday, …).
    pub const KINDS: usize = 8;

    /// A grid over days of these kinds: an estimate by like days uses days of the same kind only.
    ///
    /// # Errors
    /// [`GridError::Setup`] for a kind of [`Grid::KINDS`] or more, or thresholds out of range.
    pub fn new(rules: GridRules, day_kinds: Vec<u8>) -> Result<Self, GridError> {
        if day_kinds.iter().any(|kind| usize::from(*kind) >= Self::KINDS) {
            return Err(GridError::Setup("a day kind above 7"));
        }
        if rules.stuck_run < 2 || rules.spike_tenths > 1_000_000 || rules.linear_run > 10_000 {
            return Err(GridError::Setup("a threshold outside its range"));
        }
        Ok(Self { rules, day_kinds, like_days: vec![EMPTY; Self::KINDS * SLOTS] })
    }

    /// The kinds used by the exchange format of the benchmark job: day 5 and 6 of each seven are
    /// the weekend.
    ///
    /// # Errors
    /// As [`Grid::new`].
    pub fn weekly(rules: GridRules, days: usize) -> Result<Self, GridError> {
        Self::new(rules, (0..days).map(|day| u8::from(day % 7 >= 5)).collect())
    }

    /// How many intervals a meter has.
    #[must_use]
    pub const fn intervals(&self) -> usize {
        self.day_kinds.len() * SLOTS
    }

    /// Checks and completes one meter in place. On entry `flags` holds [`flag::GAP`] where no
    /// value was delivered and 0 elsewhere; what `values` holds there does not matter. On return
    /// every interval has a value and its flags.
    ///
    /// # Errors
    /// [`GridError::Length`] when a slice has not [`Grid::intervals`] elements.
    pub fn run(&mut self, values: &mut [i32], flags: &mut [u8]) -> Result<(), GridError> {
        let expected = self.intervals();
        if values.len() != expected || flags.len() != expected {
            return Err(GridError::Length { expected, values: values.len(), flags: flags.len() });
        }
        let (days, _) = values.as_chunks_mut::<SLOTS>();
        let (day_flags, _) = flags.as_chunks_mut::<SLOTS>();
        let mut any_bad = 0_u8;
        for (day, flags) in days.iter_mut().zip(day_flags) {
            any_bad |= check_day(day, flags, i64::from(self.rules.spike_tenths));
        }
        mark_stuck(values, flags, self.rules.stuck_run);
        if any_bad & flag::BAD != 0 {
            self.like_days.fill(EMPTY);
            self.fill(values, flags);
        }
        Ok(())
    }

    /// Estimates every run of unusable intervals.
    fn fill(&mut self, values: &mut [i32], flags: &mut [u8]) {
        let mut next = 0;
        while let Some(start) = next_bad(flags, next) {
            let length = flags[start..].iter().take_while(|f| **f & flag::BAD != 0).count();
            let end = start + length;
            next = end;
            if start > 0 && end < flags.len() && length <= self.rules.linear_run {
                let (before, after) = (values[start - 1], values[end]);
                interpolate(before, after, &mut values[start..end]);
                flags[start..end].iter_mut().for_each(|f| *f |= flag::LINEAR);
            } else {
                for i in start..end {
                    (values[i], flags[i]) = match self.like_day(values, flags, i) {
                        ABSENT => (0, flags[i] | flag::NONE),
                        value => (value, flags[i] | flag::LIKE_DAY),
                    };
                }
            }
        }
    }

    /// The mean of the slot of interval `i` over the valid intervals of days of the same kind,
    /// rounded half up; [`ABSENT`] without any. Each slot is summed at most once per meter.
    fn like_day(&mut self, values: &[i32], flags: &[u8], i: usize) -> i32 {
        let (kind, slot) = (self.day_kinds[i / SLOTS], i % SLOTS);
        let cached = &mut self.like_days[usize::from(kind) * SLOTS + slot];
        if *cached == EMPTY {
            let (mut sum, mut count) = (0_i64, 0_i64);
            for (day, _) in self.day_kinds.iter().enumerate().filter(|(_, k)| **k == kind) {
                let at = day * SLOTS + slot;
                if flags[at] & flag::BAD == 0 {
                    sum += i64::from(values[at]);
                    count += 1;
                }
            }
            let mean = (2 * sum + count).checked_div(2 * count);
            *cached = mean.and_then(|mean| i32::try_from(mean).ok()).unwrap_or(ABSENT);
        }
        *cached
    }
}

/// Flags the negative values and the spikes of one day; unusable ones other than spikes become
/// −1. Returns all flags of the day or-ed together.
fn check_day<const SLOTS: usize>(
    day: &mut [i32; SLOTS],
    flags: &mut [u8; SLOTS],
    spike_tenths: i64,
) -> u8 {
    let mut largest = -1_i32;
    for (value, gap) in day.iter_mut().zip(flags.iter_mut()) {
        let negative = u8::from(*value < 0) << 1;
        *gap |= if *gap == 0 { negative } else { 0 };
        *value = if *gap == 0 { *value } else { -1 };
        largest = largest.max(*value);
    }
    // (p1 − p3) × 10 > tenths × p3 says the same as p3 < threshold: so p3 itself is not needed,
    // only how many values reach the threshold.
    let divisor = spike_tenths + 10;
    let threshold = (i64::from(largest) * 10 + divisor - 1) / divisor;
    let threshold = i32::try_from(threshold).unwrap_or(i32::MAX);
    let (mut usable, mut reaching) = (0_i32, 0_i32);
    for value in day.iter() {
        usable = usable.wrapping_add(i32::from(*value >= 0));
        reaching = reaching.wrapping_add(i32::from(*value >= threshold));
    }
    let spike = if largest >= 0 && usable >= 3 && reaching < 3 { largest } else { -2 };
    let mut all = 0;
    for (value, flags) in day.iter().zip(flags.iter_mut()) {
        *flags |= if *value == spike { flag::SPIKE } else { 0 };
        all |= *flags;
    }
    all
}

/// Flags runs of at least `run` equal values above zero. A run of that length covers a multiple
/// of `run − 1` at which a value equals the one before it, so only those places are looked at.
fn mark_stuck(values: &[i32], flags: &mut [u8], run: usize) {
    let repeats = |i: usize| values[i] > 0 && values[i] == values[i - 1];
    let mut at = run - 1;
    while at < values.len() {
        if !repeats(at) {
            at += run - 1;
            continue;
        }
        let first = (1..at).rev().find(|i| !repeats(*i)).unwrap_or(0);
        let end = (at + 1..values.len()).find(|i| !repeats(*i)).unwrap_or(values.len());
        if end - first >= run {
            flags[first..end].iter_mut().for_each(|f| *f |= flag::STUCK);
        }
        at = at.max(end - 1) / (run - 1) * (run - 1) + (run - 1);
    }
}

/// The first unusable interval at or after `from`; usable stretches are skipped eight at a time.
fn next_bad(flags: &[u8], from: usize) -> Option<usize> {
    const BAD: u64 = u64::from_ne_bytes([flag::BAD; 8]);
    let rest = flags.get(from..)?;
    let (chunks, _) = rest.as_chunks::<8>();
    let clean = chunks.iter().take_while(|chunk| u64::from_ne_bytes(**chunk) & BAD == 0).count();
    let offset = rest[clean * 8..].iter().position(|f| f & flag::BAD != 0)?;
    Some(from + clean * 8 + offset)
}

/// Fills the values between two usable neighbours on a straight line, rounded half up.
fn interpolate(before: i32, after: i32, gap: &mut [i32]) {
    let (a, b) = (i64::from(before), i64::from(after));
    let steps = i64::try_from(gap.len()).unwrap_or(i64::MAX - 1) + 1;
    for (i, value) in (1_i64..).zip(gap) {
        let twice = 2 * (a * steps + (b - a) * i) + steps;
        // Between two values of the type, so it always fits.
        *value = i32::try_from(twice.div_euclid(2 * steps)).unwrap_or(after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rules once more, as plainly as they can be written and with nothing shared.
    fn plain(days: usize, delivered: &[Option<i32>]) -> (Vec<i32>, Vec<u8>) {
        const SLOTS: usize = 96;
        let n = days * SLOTS;
        let mut flags = vec![0_u8; n];
        for (i, value) in delivered.iter().enumerate() {
            flags[i] = match value {
                None => 1,
                Some(v) if *v < 0 => 2,
                Some(_) => 0,
            };
        }
        let usable = |i: usize| delivered[i].filter(|v| *v >= 0).map(i64::from);
        for day in 0..days {
            let mut sorted: Vec<i64> =
                (day * SLOTS..(day + 1) * SLOTS).filter_map(usable).collect();
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            if sorted.len() >= 3 && (sorted[0] - sorted[2]) * 10 > 18 * sorted[2] {
                let spikes =
                    (day * SLOTS..(day + 1) * SLOTS).filter(|i| usable(*i) == Some(sorted[0]));
                spikes.for_each(|i| flags[i] |= 4);
            }
        }
        for start in 0..n {
            let run = (start..n)
                .take_while(|i| usable(*i).is_some_and(|v| v > 0 && Some(v) == usable(start)))
                .count();
            if run >= 12 {
                (start..start + run).for_each(|i| flags[i] |= 8);
            }
        }
        let checked = flags.clone();
        let good = |i: usize| if checked[i] & 7 == 0 { usable(i) } else { None };
        let mut values: Vec<i64> = (0..n).map(|i| good(i).unwrap_or(0)).collect();
        for i in (0..n).filter(|i| good(*i).is_none()) {
            let before = (0..i).rev().find_map(|j| Some((j, good(j)?)));
            let after = (i..n).find_map(|j| Some((j, good(j)?)));
            if let (Some((p, a)), Some((q, b))) = (before, after)
                && q - p - 1 <= 8
            {
                let (l, k) = (i64::try_from(q - p).unwrap(), i64::try_from(i - p).unwrap());
                values[i] = (2 * (a * l + (b - a) * k) + l).div_euclid(2 * l);
                flags[i] |= 16;
                continue;
            }
            let weekend = |j: usize| (j / SLOTS) % 7 >= 5;
            let alike: Vec<i64> = (0..n)
                .filter(|j| j % SLOTS == i % SLOTS && weekend(*j) == weekend(i))
                .filter_map(good)
                .collect();
            let count = i64::try_from(alike.len()).unwrap();
            if count == 0 {
                flags[i] |= 64;
            } else {
                values[i] = (2 * alike.iter().sum::<i64>() + count) / (2 * count);
                flags[i] |= 32;
            }
        }
        (values.into_iter().map(|v| i32::try_from(v).unwrap()).collect(), flags)
    }

    fn fast(days: usize, delivered: &[Option<i32>]) -> (Vec<i32>, Vec<u8>) {
        let mut grid = Grid::<96>::weekly(GridRules::default(), days).unwrap();
        let mut values: Vec<i32> = delivered.iter().map(|v| v.unwrap_or(i32::MAX)).collect();
        let mut flags: Vec<u8> = delivered.iter().map(|v| u8::from(v.is_none())).collect();
        // A second meter through the same grid must not see the first.
        grid.run(&mut vec![7; days * 96], &mut vec![1; days * 96]).unwrap();
        grid.run(&mut values, &mut flags).unwrap();
        (values, flags)
    }

    #[test]
    fn a_short_gap_is_a_line_and_a_long_one_like_days() {
        let mut delivered: Vec<_> = (0..8 * 96).map(|i| Some(100 + i % 7)).collect();
        delivered[10..18].fill(None);
        delivered[300..309].fill(None);
        let (values, flags) = fast(8, &delivered);
        assert!(flags[10..18].iter().all(|f| *f == flag::GAP | flag::LINEAR));
        assert!(flags[300..309].iter().all(|f| *f == flag::GAP | flag::LIKE_DAY));
        assert!((102..=106).contains(&values[12]));
    }

    #[test]
    fn nothing_delivered_gives_zero_and_says_so() {
        let (values, flags) = fast(2, &vec![None; 192]);
        assert!(values.iter().all(|v| *v == 0));
        assert!(flags.iter().all(|f| *f == flag::GAP | flag::NONE));
    }

    #[test]
    fn wrong_lengths_and_wrong_setups_are_refused() {
        let mut grid = Grid::<96>::weekly(GridRules::default(), 1).unwrap();
        assert!(grid.run(&mut [0; 95], &mut [0; 96]).is_err());
        assert!(Grid::<96>::new(GridRules::default(), vec![8]).is_err());
        let rules = GridRules { stuck_run: 1, ..GridRules::default() };
        assert!(Grid::<96>::new(rules, vec![0]).is_err());
    }

    /// Stretches of absent, equal, small, negative, huge and extreme values.
    fn any_month() -> impl Strategy<Value = Vec<Option<i32>>> {
        let stretch = prop_oneof![
            (1_usize..30, -3_i32..12).prop_map(|(n, v)| vec![Some(v); n]),
            (1_usize..220).prop_map(|n| vec![None; n]),
            proptest::collection::vec((0_i32..900).prop_map(Some), 1..96),
            proptest::collection::vec(proptest::option::weighted(0.8, -2_i32..5), 1..40),
            proptest::collection::vec(any::<i32>().prop_map(Some), 1..4),
            Just(vec![Some(i32::MIN), Some(i32::MAX)]),
        ];
        proptest::collection::vec(stretch, 1..40).prop_map(|parts| {
            let mut all = parts.concat();
            all.resize(all.len().div_ceil(96) * 96, Some(33));
            all
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_loop_equals_the_plain_rules(month in any_month()) {
            let days = month.len() / 96;
            prop_assert_eq!(fast(days, &month), plain(days, &month));
        }
    }
}
