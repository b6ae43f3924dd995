//! What people are told: whole minutes from now, never none.

use super::{Calibration, Curve, Levels};

/// When power will be back, in minutes from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Estimate {
    /// As likely earlier as later: for the desk.
    pub desk_min: i64,
    /// The time by which it is very probably back: for customers.
    pub customer_min: i64,
    /// Where one time must be given.
    pub promise_min: i64,
}

impl Estimate {
    /// The estimate of a curve for an outage that is still off `lasted_min` after the moment of
    /// the curve. A change of what is known (cause, crew) asks for a new curve.
    #[must_use]
    pub fn of(curve: &Curve, lasted_min: f64, calibration: &Calibration, levels: &Levels) -> Self {
        let by = |chance| curve.by_given(calibration.level(chance), lasted_min) - lasted_min;
        let desk_min = upward(by(levels.desk));
        let customer_min = upward(by(levels.customer)).max(desk_min);
        let promise = calibration.promise(curve, lasted_min, levels) - lasted_min;
        Self { desk_min, customer_min, promise_min: upward(promise).max(desk_min) }
    }
}

/// The next whole minute, at least one.
#[expect(clippy::cast_possible_truncation, reason = "curves end within years")]
pub(super) fn upward(minutes: f64) -> i64 {
    (minutes.ceil() as i64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restoration::{DEFAULT_RULES, Rules};
    use std::sync::Arc;

    #[test]
    fn minutes_are_ahead_and_grow_with_what_has_passed() {
        let ends: Arc<[f64]> = Arc::from([30.0, 60.0, 120.0, 300.0, 900.0]);
        let curve = Curve::from_hazards(&ends, &[0.3, 0.4, 0.5, 0.5, 1.0]);
        let levels = Rules::parse(DEFAULT_RULES).unwrap().levels;
        let at = |lasted: f64| Estimate::of(&curve, lasted, &Calibration::none(), &levels);
        for lasted in [0.0, 45.0, 200.0, 899.0, 5_000.0] {
            let estimate = at(lasted);
            assert!(estimate.desk_min >= 1, "{estimate:?}");
            assert!(estimate.customer_min >= estimate.desk_min, "{estimate:?}");
            assert!(estimate.promise_min >= estimate.desk_min, "{estimate:?}");
        }
        assert!(at(200.0).desk_min > at(0.0).desk_min, "what is left are the long ones");
    }
}
