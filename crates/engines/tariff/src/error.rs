//! What can be wrong with a tariff, a usage or a bill: one enum for the whole engine.

use kernel::{Date, Fault, FaultKind, QuantityError};

/// Why the engine refuses. Every text says what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffError {
    /// A quantity, price or sum does not fit its type, or its text is no number.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// The calendar cannot answer for this date.
    #[error(transparent)]
    Calendar(#[from] kernel::CalendarError),
    /// The document is not the TOML that this engine reads.
    #[error("tariff {tariff}: the document cannot be read: {reason}")]
    Document {
        /// The tariff's id, or the file's name when the id is not known yet.
        tariff: String,
        /// What the reader said, with line and column.
        reason: String,
    },
    /// A value inside a document breaks a rule.
    #[error("tariff {tariff}, {place}: {reason}")]
    Value {
        /// The tariff's id.
        tariff: String,
        /// Which table and key.
        place: String,
        /// What is wrong and what to write instead.
        reason: String,
    },
    /// A part of the 24 hours belongs to no window.
    #[error(
        "tariff {tariff}: month {month}, {day_kind} days: {time} is in no window; add it to one"
    )]
    WindowHole {
        /// The tariff's id.
        tariff: String,
        /// 1 to 12.
        month: u8,
        /// `working`, `weekend` or `holiday`.
        day_kind: &'static str,
        /// hh:mm-hh:mm
        time: String,
    },
    /// A part of the 24 hours belongs to two windows.
    #[error(
        "tariff {tariff}: month {month}, {day_kind} days: {time} is both {first} and {second}; keep one"
    )]
    WindowOverlap {
        /// The tariff's id.
        tariff: String,
        /// 1 to 12.
        month: u8,
        /// `working`, `weekend` or `holiday`.
        day_kind: &'static str,
        /// hh:mm-hh:mm
        time: String,
        /// The bucket that had it first.
        first: String,
        /// The bucket that claims it too.
        second: String,
    },
    /// A day of the year has no price set, or two.
    #[error("tariff {tariff}: the price set of {month:02}-{day:02} is {problem}")]
    SeasonCover {
        /// The tariff's id.
        tariff: String,
        /// 1 to 12.
        month: u8,
        /// 1 to 31.
        day: u8,
        /// `missing` or `given twice`.
        problem: &'static str,
    },
    /// A temperature rule was asked for a day without a measurement.
    #[error("no maximum temperature of {station} for {date}: load it before settling that day")]
    TemperatureMissing {
        /// The station that the decree names.
        station: String,
        /// The day.
        date: Date,
    },
    /// No version of a tariff is valid on a date.
    #[error("tariff {tariff} has no version valid on {date}: load the decree for that date")]
    NoVersion {
        /// The tariff's id.
        tariff: String,
        /// The day asked for.
        date: Date,
    },
    /// Two versions of one tariff claim the same day.
    #[error("tariff {tariff}: {first} and {second} are both valid on {date}: end one of them")]
    VersionOverlap {
        /// The tariff's id.
        tariff: String,
        /// The decree of the one.
        first: String,
        /// The decree of the other.
        second: String,
        /// The first day that both claim.
        date: Date,
    },
    /// This plan cannot be charged day by day.
    #[error("tariff {tariff} has no daily form: {reason}")]
    NoDailyForm {
        /// The tariff's id.
        tariff: String,
        /// Why.
        reason: &'static str,
    },
    /// The tariff needs a fact that the usage does not give.
    #[error("the tariff needs {what}: {hint}")]
    FactMissing {
        /// What is needed.
        what: &'static str,
        /// Where it comes from.
        hint: &'static str,
    },
    /// The usage contradicts itself or the tariff.
    #[error("the usage cannot be rated: {reason}")]
    Usage {
        /// What is wrong.
        reason: String,
    },
    /// A line of a usage file is wrong.
    #[error("usage line {line}: {reason}")]
    UsageLine {
        /// 1 is the header.
        line: u64,
        /// What is wrong and what is expected.
        reason: String,
    },
    /// A bill's line does not follow from its own operands.
    #[error("bill line {line} ({key}): stated {stated}, recomputed {recomputed}")]
    LineMismatch {
        /// Counted from 1.
        line: usize,
        /// The line's label key.
        key: String,
        /// What the bill says.
        stated: String,
        /// What its operands give.
        recomputed: String,
    },
}

impl Fault for TariffError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Quantity(e) => e.kind(),
            Self::Calendar(e) => e.kind(),
            Self::NoVersion { .. } => FaultKind::NotFound,
            Self::VersionOverlap { .. } => FaultKind::Conflict,
            Self::LineMismatch { .. } => FaultKind::Corrupt,
            _ => FaultKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Quantity(e) => e.code(),
            Self::Calendar(e) => e.code(),
            Self::Document { .. } => "tariff.document",
            Self::Value { .. } => "tariff.value",
            Self::WindowHole { .. } => "tariff.window_hole",
            Self::WindowOverlap { .. } => "tariff.window_overlap",
            Self::SeasonCover { .. } => "tariff.season_cover",
            Self::TemperatureMissing { .. } => "tariff.temperature_missing",
            Self::NoVersion { .. } => "tariff.no_version",
            Self::VersionOverlap { .. } => "tariff.version_overlap",
            Self::NoDailyForm { .. } => "tariff.no_daily_form",
            Self::FactMissing { .. } => "tariff.fact_missing",
            Self::Usage { .. } => "tariff.usage",
            Self::UsageLine { .. } => "tariff.usage_line",
            Self::LineMismatch { .. } => "tariff.line_mismatch",
        }
    }
}
