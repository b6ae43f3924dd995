//! The chance that power is still off some minutes from now.

use std::sync::Arc;

/// Minutes below which nothing is told apart.
const SHORTEST_MIN: f64 = 1.0;

/// A survival curve over periods; within a period the logarithm of time is even.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Ends of the periods in minutes, rising.
    ends_min: Arc<[f64]>,
    /// The chance that power is still off at the end of each.
    off: Vec<f64>,
}

impl Curve {
    /// A curve from the chance of each period that power comes back in it, when it was off before.
    /// The last period always ends it.
    #[must_use]
    pub fn from_hazards(ends_min: &Arc<[f64]>, hazards: &[f64]) -> Self {
        let mut off = 1.0;
        let last = ends_min.len().saturating_sub(1);
        let off = hazards
            .iter()
            .enumerate()
            .map(|(at, hazard)| {
                off *= if at == last { 0.0 } else { 1.0 - hazard.clamp(0.0, 1.0) };
                off
            })
            .collect();
        Self { ends_min: Arc::clone(ends_min), off }
    }

    /// The chance that power is back within these minutes.
    #[must_use]
    pub fn within(&self, minutes: f64) -> f64 {
        let at = self.ends_min.partition_point(|end| *end < minutes);
        let Some(end) = self.ends_min.get(at) else { return 1.0 };
        let (from, before) = self.before(at);
        if minutes <= from {
            return 1.0 - before;
        }
        let part = (minutes / from).ln() / (end / from).ln();
        1.0 - before + part * (before - self.off[at])
    }

    /// The minutes by which power is back with this chance.
    #[must_use]
    pub fn by(&self, chance: f64) -> f64 {
        let at = self.off.partition_point(|off| 1.0 - off < chance);
        let Some((end, off)) = self.ends_min.get(at).zip(self.off.get(at)) else {
            return self.ends_min.last().copied().unwrap_or(SHORTEST_MIN);
        };
        let (from, before) = self.before(at);
        let drop = before - off;
        let part = if drop > 0.0 { ((chance - 1.0 + before) / drop).clamp(0.0, 1.0) } else { 1.0 };
        from * (end / from).powf(part)
    }

    /// The chance to be back within these minutes, of an outage that has lasted already: both
    /// count from the moment of the curve. What has passed is impossible.
    #[must_use]
    pub fn within_given(&self, minutes: f64, lasted_min: f64) -> f64 {
        let passed = self.within(lasted_min);
        if passed >= 1.0 {
            return 1.0;
        }
        ((self.within(minutes.max(lasted_min)) - passed) / (1.0 - passed)).clamp(0.0, 1.0)
    }

    /// The minutes from the curve's moment by which power is back with this chance, of an outage
    /// that has lasted already: always later than that.
    #[must_use]
    pub fn by_given(&self, chance: f64, lasted_min: f64) -> f64 {
        let passed = self.within(lasted_min);
        let minutes = self.by(passed + chance * (1.0 - passed));
        // Beyond the last period nothing is known but that it goes on.
        if minutes > lasted_min { minutes } else { lasted_min.max(SHORTEST_MIN) * (1.0 + chance) }
    }

    /// Where a period begins, and the chance that power is off then.
    fn before(&self, at: usize) -> (f64, f64) {
        let before = at.checked_sub(1);
        before.map_or((SHORTEST_MIN, 1.0), |at| (self.ends_min[at], self.off[at]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve() -> Curve {
        Curve::from_hazards(&Arc::from([60.0, 120.0, 240.0, 480.0]), &[0.5, 0.5, 0.5, 0.1])
    }

    #[test]
    fn quarters_are_where_the_hazards_put_them() {
        let curve = curve();
        assert!((curve.by(0.5) - 60.0).abs() < 1e-9);
        assert!((curve.by(0.75) - 120.0).abs() < 1e-9);
        assert!((curve.within(240.0) - 0.875).abs() < 1e-9);
        assert!((curve.within(1_000.0) - 1.0).abs() < 1e-9);
        // Halfway in the logarithm of the second period.
        assert!((curve.within(60.0 * 2.0_f64.sqrt()) - 0.625).abs() < 1e-9);
    }

    #[test]
    fn what_lasted_an_hour_has_the_rest_of_the_curve_before_it() {
        let curve = curve();
        assert!((curve.by_given(0.5, 60.0) - 120.0).abs() < 1e-9);
        assert!((curve.within_given(240.0, 60.0) - 0.75).abs() < 1e-9);
        assert!(curve.within_given(30.0, 60.0).abs() < 1e-9);
        assert!(curve.by_given(0.5, 600.0) > 600.0);
    }

    proptest! {
        #[test]
        fn times_and_chances_are_inverse_and_never_past(
            hazards in prop::collection::vec(0.01_f64..0.9, 6),
            chance in 0.02_f64..0.98,
            lasted in 0.0_f64..900.0,
        ) {
            let curve = Curve::from_hazards(&Arc::from([20.0, 45.0, 90.0, 200.0, 500.0, 2_000.0]), &hazards);
            prop_assert!((curve.within(curve.by(chance)) - chance).abs() < 1e-9);
            let by = curve.by_given(chance, lasted);
            prop_assert!(by > lasted);
            prop_assert!(curve.by_given(chance.min(0.97) + 0.01, lasted) >= by);
            prop_assert!((curve.within_given(by, lasted) - chance).abs() < 1e-6);
        }
    }
}
