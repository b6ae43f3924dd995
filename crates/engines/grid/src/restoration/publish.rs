//! Whether a new time is told: seldom, except for good news, and never a time that has passed.

use super::{Estimate, PublicationRules};

/// Why an estimate was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The outage became known.
    Opened,
    /// Its crew has another status.
    Crew,
    /// Its cause or size is known better.
    Assessed,
    /// Time passed.
    Elapsed,
}

/// One version of an estimate. Every version is kept, published or not, and scored in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Version {
    /// When it was made, seconds since the epoch.
    pub made_s: i64,
    /// Why.
    pub occasion: Occasion,
    /// What it says.
    pub estimate: Estimate,
}

impl Version {
    /// The instant that is promised.
    #[must_use]
    pub const fn promise_s(&self) -> i64 {
        self.made_s.saturating_add(self.estimate.promise_min.saturating_mul(60))
    }
}

/// What to do with a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Tell it.
    Publish,
    /// What is published stays.
    Keep,
    /// What is published has passed and may not be changed yet: no time is shown until then.
    Withhold {
        /// When the next time may be told.
        until_s: i64,
    },
}

/// Decides on a version, given what is published and since when.
#[must_use]
pub fn decide(published: Option<&Version>, new: &Version, rule: &PublicationRules) -> Decision {
    let Some(old) = published else { return Decision::Publish };
    let until_s = old.made_s.saturating_add(rule.least_between_min.saturating_mul(60));
    let earlier_s = old.promise_s().saturating_sub(new.promise_s());
    let passed = old.promise_s() <= new.made_s;
    if earlier_s > rule.earlier_by_min.saturating_mul(60) {
        Decision::Publish
    } else if new.made_s >= until_s {
        if earlier_s == 0 { Decision::Keep } else { Decision::Publish }
    } else if passed {
        Decision::Withhold { until_s }
    } else {
        Decision::Keep
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restoration::{DEFAULT_RULES, Rules};
    use proptest::prelude::*;

    fn version(made_min: i64, promise_min: i64) -> Version {
        let estimate = Estimate { desk_min: 1, customer_min: promise_min, promise_min };
        Version { made_s: made_min * 60, occasion: Occasion::Elapsed, estimate }
    }

    fn rule() -> PublicationRules {
        Rules::parse(DEFAULT_RULES).unwrap().publication
    }

    #[test]
    fn a_time_is_changed_every_half_hour_unless_it_is_much_earlier() {
        let told = version(0, 120);
        let on = |made, promise| decide(Some(&told), &version(made, promise), &rule());
        assert_eq!(decide(None, &told, &rule()), Decision::Publish);
        assert_eq!(on(29, 200), Decision::Keep);
        assert_eq!(on(30, 200), Decision::Publish);
        assert_eq!(on(10, 50), Decision::Keep, "an hour earlier is not more than an hour");
        assert_eq!(on(10, 49), Decision::Publish);
        assert_eq!(on(40, 80), Decision::Keep, "the same instant is no news");
    }

    #[test]
    fn a_time_that_has_passed_is_not_shown() {
        let told = version(0, 20);
        let new = version(21, 30);
        assert_eq!(decide(Some(&told), &new, &rule()), Decision::Withhold { until_s: 1_800 });
        assert_eq!(decide(Some(&told), &version(30, 30), &rule()), Decision::Publish);
    }

    proptest! {
        #[test]
        fn customers_never_hear_two_times_within_half_an_hour_but_good_news(
            steps in prop::collection::vec((1_i64..40, 1_i64..400), 1..60),
        ) {
            let rule = rule();
            let mut now = 0;
            let mut told: Option<Version> = None;
            for (wait, promise) in steps {
                now += wait;
                let new = version(now, promise);
                if decide(told.as_ref(), &new, &rule) == Decision::Publish {
                    if let Some(old) = told {
                        let good = old.promise_s() - new.promise_s() > 3_600;
                        prop_assert!(good || new.made_s - old.made_s >= 1_800);
                    }
                    told = Some(new);
                }
            }
        }
    }
}
