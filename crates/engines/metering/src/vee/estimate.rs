//! What a missing value is replaced by, and how the truth takes its place later.

use kernel::{RoundingMode, div_round};

use crate::consumption::share_out;

/// The usual use per day of one customer, by kind of day. The caller names the kinds: working
/// day and rest day, or the seven weekdays and holidays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayProfile {
    by_kind: [Option<i64>; Self::KINDS],
    overall: Option<i64>,
}

impl DayProfile {
    /// How many kinds of day there can be.
    pub const KINDS: usize = 8;

    /// The profile from a history of real days `(kind, use)`: means, rounded half up. Estimated
    /// days do not belong in it. Kinds of [`DayProfile::KINDS`] or more are left out.
    pub fn from_history(days: impl IntoIterator<Item = (u8, i64)>) -> Self {
        let mut sums = [(0_i128, 0_i128); Self::KINDS];
        for (kind, used) in days {
            if let Some((sum, count)) = sums.get_mut(usize::from(kind)) {
                *sum += i128::from(used);
                *count += 1;
            }
        }
        let mean = |(sum, count): (i128, i128)| {
            i64::try_from(div_round(sum, count, RoundingMode::HalfUp)?).ok()
        };
        let all = sums.iter().fold((0, 0), |(s, c), (sum, count)| (s + sum, c + count));
        Self { by_kind: sums.map(mean), overall: mean(all) }
    }

    /// A profile that is already known: the usual use of each kind in order.
    #[must_use]
    pub fn of(by_kind: [Option<i64>; Self::KINDS]) -> Self {
        let known: Vec<(u8, i64)> =
            (0_u8..).zip(by_kind).filter_map(|(kind, used)| Some((kind, used?))).collect();
        Self { by_kind, overall: Self::from_history(known).overall }
    }

    /// The estimate for a day of this kind: its own mean, else the mean of all days; `None`
    /// without any history.
    #[must_use]
    pub fn estimate(&self, kind: u8) -> Option<i64> {
        self.by_kind.get(usize::from(kind)).copied().flatten().or(self.overall)
    }
}

/// The true use between two real reads, shared out over the days between in proportion to the
/// profile: whole units, their sum exactly the true use. So a gap never becomes a spike on the
/// day on which the meter answers again, and the estimates of the days before are replaced by
/// what they must have been together.
#[must_use]
pub fn spread(true_use: i64, profile: &DayProfile, kinds: &[u8]) -> Vec<i64> {
    let weights: Vec<i64> = kinds.iter().map(|kind| profile.estimate(*kind).unwrap_or(0)).collect();
    share_out(true_use, &weights)
}

/// Value `step` of the `steps − 1` values on the straight line from `before` to `after`
/// (`1 ≤ step < steps`), rounded half up; `None` when `steps` is not positive.
#[must_use]
pub fn on_line(before: i64, after: i64, step: i64, steps: i64) -> Option<i64> {
    if steps <= 0 {
        return None;
    }
    let (a, b, k, n) = (i128::from(before), i128::from(after), i128::from(step), i128::from(steps));
    let rise = (b - a).checked_mul(k)?;
    let twice = a.checked_mul(2 * n)?.checked_add(rise.checked_mul(2)?)?.checked_add(n)?;
    i64::try_from(twice.div_euclid(2 * n)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Working days 10 kWh, rest days 16 kWh, in Wh; kind 0 and 1.
    fn profile() -> DayProfile {
        let history = (0..28).map(|d| if d % 7 >= 5 { (1, 16_000) } else { (0, 10_000) });
        DayProfile::from_history(history)
    }

    #[test]
    fn a_missing_read_is_estimated_by_days_of_its_kind() {
        assert_eq!(profile().estimate(0), Some(10_000));
        assert_eq!(profile().estimate(1), Some(16_000));
        assert_eq!(profile().estimate(5), Some(11_714), "an unknown kind takes the mean of all");
        assert_eq!(DayProfile::default().estimate(0), None);
        assert_eq!(
            DayProfile::of([Some(5), Some(8), None, None, None, None, None, None]).estimate(3),
            Some(7)
        );
    }

    /// Story T-07: two days were estimated; when the meter answers on the third, its true use of
    /// 39 kWh replaces the estimates, and no day looks like 39.
    #[test]
    fn the_next_real_read_corrects_the_estimates() {
        let days = spread(39_000, &profile(), &[0, 1, 0]);
        assert_eq!(days, [10_834, 17_333, 10_833]);
        assert_eq!(days.iter().sum::<i64>(), 39_000);
        assert_eq!(spread(0, &profile(), &[0, 1]), [0, 0]);
        assert_eq!(spread(5, &DayProfile::default(), &[0, 0]), [3, 2]);
    }

    #[test]
    fn the_line_is_rounded_half_up() {
        let line: Vec<i64> = (1..4).map(|k| on_line(100, 110, k, 4).unwrap()).collect();
        assert_eq!(line, [103, 105, 108]);
        assert_eq!(on_line(0, 1, 1, 0), None);
    }

    proptest! {
        #[test]
        fn a_gap_never_becomes_a_spike(
            total in 0_i64..10_000_000, kinds in proptest::collection::vec(0_u8..2, 1..40)
        ) {
            let days = spread(total, &profile(), &kinds);
            prop_assert_eq!(days.iter().sum::<i64>(), total);
            let mean = total / i64::try_from(kinds.len()).unwrap();
            // No day is further from the mean than the profile's own ratio, 1.6, allows.
            prop_assert!(days.iter().all(|day| day * 10 <= mean * 16 + 32));
        }
    }
}
