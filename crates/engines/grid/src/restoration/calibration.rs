//! What the levels of the curves really held lately, so that a level can be chosen that holds.

use super::{Curve, Levels};

/// A past outage with what had been said of it.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Its curve.
    pub curve: Curve,
    /// Minutes to its restoration; nothing when it is not over.
    pub minutes: Option<f64>,
}

/// The chances at which settled outages ended, and how much a promise must lean to the sure side.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    reached: Vec<f64>,
    lean: f64,
}

/// What a promise can be: its chance, its minutes, and how often it is near the truth.
type Choice = (f64, f64, f64);

/// Steps between the least and the most probable promise.
const STEPS: u8 = 10;

/// The largest lean that is tried, in tenths.
const LEAN_MAX: u8 = 60;

impl Calibration {
    /// Levels as the curves say them, and promises without a lean.
    #[must_use]
    pub const fn none() -> Self {
        Self { reached: Vec::new(), lean: 1.0 }
    }

    /// Learns from settled outages.
    #[must_use]
    pub fn fit(settled: &[Settled], levels: &Levels) -> Self {
        let mut reached: Vec<f64> = settled
            .iter()
            .map(|one| one.minutes.map_or(1.0, |minutes| one.curve.within(minutes)))
            .collect();
        reached.sort_by(f64::total_cmp);
        let mut calibration = Self { reached, lean: 1.0 };
        if !settled.is_empty() {
            calibration.lean = calibration.lean_that_keeps(settled, levels);
        }
        calibration
    }

    /// The level of a curve that really holds with this chance.
    #[must_use]
    pub fn level(&self, chance: f64) -> f64 {
        let count = self.reached.len();
        let place = (chance * (count + 1) as f64).ceil();
        let place = (0..count).find(|at| (at + 1) as f64 >= place).or(count.checked_sub(1));
        place.map_or(chance, |at| self.reached[at].clamp(0.005, 0.995))
    }

    /// The promise of a curve, in minutes from its moment, of an outage that has lasted already:
    /// of the levels that are allowed, that which is most often near the truth, leaning to the
    /// sure side as much as is needed to keep the wanted share.
    #[must_use]
    pub fn promise(&self, curve: &Curve, lasted_min: f64, levels: &Levels) -> f64 {
        let choices = self.choices(levels);
        let near: Vec<Choice> = choices
            .iter()
            .map(|(chance, level)| {
                let minutes = curve.by_given(*level, lasted_min);
                (*chance, minutes, nearness(curve, minutes, lasted_min, levels))
            })
            .collect();
        choose(&near, self.lean)
    }

    /// Chances that are allowed for a promise, and the levels of curves that hold with them.
    fn choices(&self, levels: &Levels) -> Vec<(f64, f64)> {
        let span = levels.promise_most - levels.promise_least;
        (0..=STEPS)
            .map(|step| levels.promise_least + span * f64::from(step) / f64::from(STEPS))
            .map(|chance| (chance, self.level(chance)))
            .collect()
    }

    fn lean_that_keeps(&self, settled: &[Settled], levels: &Levels) -> f64 {
        let choices = self.choices(levels);
        let near: Vec<(Vec<Choice>, f64)> = settled
            .iter()
            .map(|one| {
                let choices = choices.iter().map(|(chance, level)| {
                    let minutes = one.curve.by(*level);
                    (*chance, minutes, nearness(&one.curve, minutes, 0.0, levels))
                });
                (choices.collect(), one.minutes.unwrap_or(f64::INFINITY))
            })
            .collect();
        let kept = |lean: f64| {
            let kept = near.iter().filter(|(choices, minutes)| choose(choices, lean) >= *minutes);
            kept.count() as f64 / near.len() as f64
        };
        // The share that is kept rises with the lean.
        let (mut low, mut high) = (0, LEAN_MAX);
        while low < high {
            let middle = (low + high) / 2;
            if kept(f64::from(middle) / 10.0) >= levels.promise_kept {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        f64::from(low) / 10.0
    }
}

fn nearness(curve: &Curve, minutes: f64, lasted_min: f64, levels: &Levels) -> f64 {
    let near = levels.promise_near_min;
    curve.within_given(minutes + near, lasted_min) - curve.within_given(minutes - near, lasted_min)
}

/// The minutes of the choice with the best nearness and lean.
fn choose(choices: &[Choice], lean: f64) -> f64 {
    let worth = |choice: &Choice| choice.2 + lean * choice.0;
    let best = choices.iter().max_by(|a, b| worth(a).total_cmp(&worth(b)));
    best.map_or(f64::INFINITY, |choice| choice.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restoration::{DEFAULT_RULES, Rules};
    use std::sync::Arc;

    fn levels() -> Levels {
        Rules::parse(DEFAULT_RULES).unwrap().levels
    }

    /// Curves that say an hour in the middle, of outages that last twice as long.
    fn settled() -> Vec<Settled> {
        let ends: Arc<[f64]> = Arc::from([15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 2_000.0]);
        let curve = Curve::from_hazards(&ends, &[0.1, 0.2, 0.3, 0.5, 0.5, 0.6, 1.0]);
        (1..400_u16)
            .map(|n| {
                let minutes = 2.0 * curve.by(f64::from(n) / 400.0);
                Settled { curve: curve.clone(), minutes: (n < 396).then_some(minutes) }
            })
            .collect()
    }

    #[test]
    fn levels_hold_although_the_curves_are_too_short() {
        let settled = settled();
        let calibration = Calibration::fit(&settled, &levels());
        for chance in [0.5, 0.8, 0.9] {
            let by = settled[0].curve.by(calibration.level(chance));
            let held = settled.iter().filter(|one| one.minutes.is_some_and(|m| m <= by)).count();
            let held = held as f64 / settled.len() as f64;
            assert!((held - chance).abs() < 0.01, "{chance}: {held}");
        }
        assert!((Calibration::none().level(0.8) - 0.8).abs() < 1e-12);
    }

    #[test]
    fn promises_are_kept_as_often_as_wanted() {
        let (settled, levels) = (settled(), levels());
        let calibration = Calibration::fit(&settled, &levels);
        let kept = settled.iter().filter(|one| {
            let promise = calibration.promise(&one.curve, 0.0, &levels);
            one.minutes.is_some_and(|minutes| minutes <= promise)
        });
        assert!(kept.count() as f64 >= levels.promise_kept * settled.len() as f64);
        assert!(calibration.promise(&settled[0].curve, 300.0, &levels) > 300.0);
    }
}
