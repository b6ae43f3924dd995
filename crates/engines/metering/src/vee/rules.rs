//! The thresholds of the checks, as a document: numbers live there, their meaning lives here.

use kernel::{Date, Energy, Fault, FaultKind, Ratio};
use serde::Deserialize;

use crate::grid::GridRules;

/// The rule set that is used where a region has none of its own.
pub const DEFAULT_RULES: &str = include_str!("../../vee-rules.toml");

/// A rule set that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    /// The text is no rule set.
    #[error("the VEE rule set cannot be read: {0}")]
    Syntax(String),
    /// A number makes no sense.
    #[error("VEE rule set \"{id}\": {field} {reason}")]
    Value {
        /// The rule set.
        id: String,
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Fault for RuleSetError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "metering.vee_rules_syntax",
            Self::Value { .. } => "metering.vee_rules_value",
        }
    }
}

/// Thresholds that hold from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    /// Its name, kept with every finding's run.
    pub id: String,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Where the numbers come from.
    pub source: String,
    /// Spike: largest above third largest by more than this many tenths of the third largest.
    pub spike_tenths: u32,
    /// Stuck: equal interval values above zero in a row.
    pub stuck_run: usize,
    /// The longest gap filled on a line, in seconds.
    pub linear_s: u32,
    /// High: more than this many percent above the usual use.
    pub high_percent: u32,
    /// Uses up to this are never too high, per day.
    pub high_floor: Energy,
    /// Low: less than this many percent of the usual use.
    pub low_percent: u32,
    /// Usual uses below this are never too low, per day.
    pub low_floor: Energy,
    /// Zero: this many days without use after having used.
    pub zero_days: u32,
    /// Inactive use: more than this in a day at a usage point that is not supplied.
    pub inactive: Energy,
    /// Sum checks: the share of the total by which parts may be apart.
    pub sum_share: Ratio,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    id: String,
    valid_from: String,
    source: String,
    spike_tenths: u32,
    stuck_run: usize,
    linear_s: u32,
    high_percent: u32,
    high_floor_kwh: String,
    low_percent: u32,
    low_floor_kwh: String,
    zero_days: u32,
    inactive_kwh: String,
    sum_share: String,
}

impl RuleSet {
    /// Reads a rule set from TOML such as [`DEFAULT_RULES`].
    ///
    /// # Errors
    /// [`RuleSetError`] with the line, or the field and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RuleSetError> {
        let doc: Document =
            toml::from_str(text).map_err(|error| RuleSetError::Syntax(error.to_string()))?;
        let id = doc.id;
        let wrong = |field, reason| RuleSetError::Value { id: id.clone(), field, reason };
        let energy = |field, text: &str| {
            let energy = Energy::parse(text).ok().filter(|energy| *energy >= Energy::ZERO);
            energy.ok_or_else(|| wrong(field, "must be kWh of at most six decimals, not negative"))
        };
        if doc.stuck_run < 2 || doc.zero_days < 1 {
            return Err(wrong("stuck_run and zero_days", "must be at least 2 and 1"));
        }
        if doc.spike_tenths > 10_000 || doc.high_percent > 100_000 || doc.low_percent > 100 {
            return Err(wrong("a percentage", "is outside its range"));
        }
        let valid_from = doc.valid_from.parse();
        let share = Ratio::parse(&doc.sum_share).ok().filter(|share| *share >= Ratio::ZERO);
        Ok(Self {
            valid_from: valid_from.map_err(|_| wrong("valid_from", "must be a date 2026-01-31"))?,
            source: doc.source,
            spike_tenths: doc.spike_tenths,
            stuck_run: doc.stuck_run,
            linear_s: doc.linear_s,
            high_percent: doc.high_percent,
            high_floor: energy("high_floor_kwh", &doc.high_floor_kwh)?,
            low_percent: doc.low_percent,
            low_floor: energy("low_floor_kwh", &doc.low_floor_kwh)?,
            zero_days: doc.zero_days,
            inactive: energy("inactive_kwh", &doc.inactive_kwh)?,
            sum_share: share.ok_or_else(|| wrong("sum_share", "must be a percentage"))?,
            id,
        })
    }

    /// The set that holds on a day: the one with the latest start not after it.
    #[must_use]
    pub fn on(sets: &[Self], day: Date) -> Option<&Self> {
        sets.iter().filter(|set| set.valid_from <= day).max_by_key(|set| set.valid_from)
    }

    /// The thresholds of the interval checks for intervals of this length.
    #[must_use]
    pub fn grid(&self, interval_s: u32) -> GridRules {
        let linear_run = self.linear_s.checked_div(interval_s).unwrap_or(0);
        GridRules {
            spike_tenths: self.spike_tenths,
            stuck_run: self.stuck_run,
            linear_run: usize::try_from(linear_run).unwrap_or(0).min(10_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_default_is_valid_and_equals_the_main_jobs_rules() {
        let rules = RuleSet::parse(DEFAULT_RULES).unwrap();
        assert_eq!(rules.grid(900), GridRules::default());
        assert_eq!(rules.grid(1_800).linear_run, 4);
        let newer = RuleSet { valid_from: date(2027, 1, 1), ..rules.clone() };
        let sets = [newer, rules];
        assert_eq!(RuleSet::on(&sets, date(2026, 6, 1)).unwrap().valid_from, date(2024, 1, 1));
        assert_eq!(RuleSet::on(&sets, date(2027, 1, 1)).unwrap().valid_from, date(2027, 1, 1));
        assert!(RuleSet::on(&sets, date(2023, 1, 1)).is_none());
    }

    #[test]
    fn a_wrong_document_names_its_field() {
        let negative = DEFAULT_RULES.replace("inactive_kwh = \"0.5\"", "inactive_kwh = \"-1\"");
        let error = RuleSet::parse(&negative).unwrap_err().to_string();
        assert!(error.contains("inactive_kwh"), "{error}");
        let unknown = DEFAULT_RULES.replace("stuck_run", "stuck_runs");
        assert!(RuleSet::parse(&unknown).unwrap_err().to_string().contains("stuck_runs"));
    }
}
