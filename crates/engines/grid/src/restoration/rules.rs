//! Levels, publication and training as a document: values live there, their meaning lives here.

use serde::Deserialize;

use super::RestorationError;

/// A rule document.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// How often a published time may change.
    pub publication: PublicationRules,
    /// How probable the times are that people get.
    pub levels: Levels,
    /// What levels are compared with.
    pub calibration: CalibrationRules,
    /// How the model learns.
    pub model: ModelRules,
    /// Which records of a feed teach.
    pub feed: FeedRules,
}

/// How often a published time may change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicationRules {
    /// Where the numbers come from.
    pub source: String,
    /// Minutes between two changes …
    pub least_between_min: i64,
    /// … unless the new time is earlier by more than this.
    pub earlier_by_min: i64,
}

/// How probable the times are that people get.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    /// Where the numbers come from.
    pub source: String,
    /// For the desk.
    pub desk: f64,
    /// For customers.
    pub customer: f64,
    /// The least probable single time.
    pub promise_least: f64,
    /// The most probable single time.
    pub promise_most: f64,
    /// The share of single times that hold.
    pub promise_kept: f64,
    /// Minutes that count as near the truth.
    pub promise_near_min: f64,
}

/// What levels are compared with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRules {
    /// Where the numbers come from.
    pub source: String,
    /// The latest so many settled outages.
    pub outages: usize,
    /// Days after which an outage is settled: over, or known to be long.
    pub settled_days: i64,
}

/// How the model learns.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRules {
    /// Where the numbers come from.
    pub source: String,
    /// How many trees.
    pub trees: usize,
    /// Questions from root to leaf.
    pub depth: u32,
    /// How much of each tree counts.
    pub learning_rate: f64,
    /// The least rows of a leaf.
    pub leaf_outages: usize,
    /// Periods of equal numbers of restorations.
    pub periods: usize,
    /// The share of periods without restoration that is used, with as much more weight.
    pub quiet_share: f64,
    /// What the choice of them starts from.
    pub seed: u64,
}

/// Which records of a public outage feed teach.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedRules {
    /// Where the limits come from.
    pub source: String,
    /// Words of causes that make an outage planned.
    pub planned: Vec<String>,
    /// Words that make it unplanned all the same.
    pub not_planned: Vec<String>,
    /// Longer outages do not teach.
    pub longest_h: i64,
    /// Later sights do not teach.
    pub seen_within_min: i64,
    /// Sights this much before the begin are mistakes of clocks.
    pub seen_before_min: i64,
    /// The end must be known as closely as this.
    pub end_known_within_min: i64,
}

impl Rules {
    /// Reads a document such as [`super::DEFAULT_RULES`].
    ///
    /// # Errors
    /// [`RestorationError::Rules`] with the line, [`RestorationError::RuleValue`] with the field.
    pub fn parse(text: &str) -> Result<Self, RestorationError> {
        let rules: Self =
            toml::from_str(text).map_err(|error| RestorationError::Rules(error.to_string()))?;
        let (levels, model) = (&rules.levels, &rules.model);
        let checks = [
            (
                rules.publication.least_between_min >= 0,
                "publication.least_between_min",
                "is below zero",
            ),
            (rules.publication.earlier_by_min >= 0, "publication.earlier_by_min", "is below zero"),
            (part(levels.desk), "levels.desk", "must be between 0 and 1"),
            (part(levels.customer), "levels.customer", "must be between 0 and 1"),
            (part(levels.promise_least), "levels.promise_least", "must be between 0 and 1"),
            (part(levels.promise_most), "levels.promise_most", "must be between 0 and 1"),
            (
                levels.promise_least <= levels.promise_kept
                    && levels.promise_kept <= levels.promise_most,
                "levels.promise_kept",
                "must be between promise_least and promise_most",
            ),
            (levels.promise_near_min > 0.0, "levels.promise_near_min", "must be above zero"),
            (
                (100..=1_000_000).contains(&rules.calibration.outages),
                "calibration.outages",
                "must be 100 to 1,000,000",
            ),
            (
                (0..=60).contains(&rules.calibration.settled_days),
                "calibration.settled_days",
                "must be 0 to 60",
            ),
            ((1..=2_000).contains(&model.trees), "model.trees", "must be 1 to 2,000"),
            ((1..=8).contains(&model.depth), "model.depth", "must be 1 to 8"),
            (part(model.learning_rate), "model.learning_rate", "must be between 0 and 1"),
            (model.leaf_outages >= 1, "model.leaf_outages", "must be above zero"),
            ((4..=50).contains(&model.periods), "model.periods", "must be 4 to 50"),
            (
                model.quiet_share > 0.0 && model.quiet_share <= 1.0,
                "model.quiet_share",
                "must be above 0 and at most 1",
            ),
        ];
        match checks.iter().find(|(good, ..)| !good) {
            Some((_, field, reason)) => Err(RestorationError::RuleValue { field, reason }),
            None => Ok(rules),
        }
    }
}

/// Whether a number lies between zero and one.
fn part(number: f64) -> bool {
    number > 0.0 && number < 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restoration::DEFAULT_RULES;

    #[test]
    fn the_document_that_comes_with_the_program_is_valid_and_a_wrong_one_names_its_field() {
        let rules = Rules::parse(DEFAULT_RULES).unwrap();
        assert_eq!(rules.publication.least_between_min, 30);
        for (good, bad, field) in [
            ("customer = 0.80", "customer = 1.80", "levels.customer"),
            ("promise_kept = 0.77", "promise_kept = 0.95", "levels.promise_kept"),
            ("quiet_share = 0.25", "quiet_share = 0.0", "model.quiet_share"),
            ("trees = 150", "tree = 150", "tree"),
        ] {
            assert!(DEFAULT_RULES.contains(good), "{good}");
            let error = Rules::parse(&DEFAULT_RULES.replace(good, bad)).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }
}
