//! How work on meters and readings is run, from `rules/metering_work.toml`: terms, catalogues,
//! limits, each section with its source. Values only; what is done with them is in the modules.

use serde::Deserialize;

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeteringRules {
    /// Rotation of meters.
    pub rotation: RotationRules,
    /// Faults of meters.
    pub fault: FaultRules,
    /// Alerts about readings.
    pub alert: AlertRules,
    /// Asking meters for readings.
    pub request: RequestRules,
    /// Readings in the field.
    pub field: FieldRules,
    /// Bulletins to customers.
    pub bulletin: BulletinRules,
}

/// Rotation of meters whose verification ends (周期轮换).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotationRules {
    /// Where the values come from.
    pub source: String,
    /// Days before the exchange on which the customer is told.
    pub notice_days: i32,
    /// Months for which the old meter is kept.
    pub keep_months: i32,
}

/// Faults of meters (计量装置故障).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRules {
    /// Where the values come from.
    pub source: String,
    /// Days from the report to the decision.
    pub decide_days: i32,
    /// The catalogue.
    pub kind: Vec<CodeWords>,
}

/// Alerts about readings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRules {
    /// Where the values come from.
    pub source: String,
    /// Hours in which somebody acknowledges.
    pub acknowledge_hours: i64,
    /// The role that is told when nobody did.
    pub escalate_to_role: String,
    /// Silent days after which a concentrator is a finding.
    pub silent_cycles: i32,
    /// The catalogue of reading errors.
    pub error: Vec<CodeWords>,
}

/// Asking meters for readings (召测).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRules {
    /// Where the values come from.
    pub source: String,
    /// Seconds in which the head-end answers a person's request.
    pub answer_s: i64,
    /// How often a missing reading is asked for.
    pub retry_times: i64,
    /// Minutes from one retry to the next.
    pub retry_minutes: i64,
    /// Days back for which a meter's memory can be asked.
    pub memory_days: i32,
}

/// Readings in the field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRules {
    /// Where the values come from.
    pub source: String,
    /// Minutes by which a handheld's clock may be off.
    pub clock_skew_minutes: i64,
    /// Days for which a handheld may keep a reading.
    pub offline_days: i32,
}

/// Bulletins to customers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulletinRules {
    /// Where the values come from.
    pub source: String,
    /// Days from the announcement of a new reading day to its first day.
    pub reading_day_notice_days: i32,
}

/// An entry of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeWords {
    /// The stored word.
    pub code: String,
    /// What people read in Chinese.
    pub zh: String,
    /// What people read in English.
    pub en: String,
}

impl MeteringRules {
    /// Reads the document.
    ///
    /// # Errors
    /// A field that is missing, unknown or of another type.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
