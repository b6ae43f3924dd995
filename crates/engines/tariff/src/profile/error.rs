//! What can be wrong when a year of intervals is rated.

use kernel::{Fault, FaultKind};

/// Why a year of intervals cannot be rated. Every text says what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// A number does not fit.
    #[error(
        "the {what} is too large to be billed exactly: check the units of the rate and the load"
    )]
    TooLarge {
        /// What overflowed.
        what: &'static str,
    },
    /// A load or generation series has the wrong number of values.
    #[error(
        "the {what} has {count} values: a year of 365 days has 8760 hourly ones, or 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60 times as many"
    )]
    Length {
        /// Load, generation or price series.
        what: &'static str,
        /// How many values were given.
        count: usize,
    },
    /// A value of a series is no power that a customer can draw.
    #[error("{what}, value {position}: {reason}")]
    BadValue {
        /// Which series.
        what: &'static str,
        /// Counted from 1; in a file, the line.
        position: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Two series do not fit together.
    #[error("the {what}: {reason}")]
    Mismatch {
        /// Which series.
        what: &'static str,
        /// How they differ and what is expected.
        reason: String,
    },
    /// The plan has a construct that is not rated hour by hour.
    #[error("tariff {tariff} cannot be rated by the hour: {reason}")]
    Unsupported {
        /// The tariff's id.
        tariff: String,
        /// Which construct, and why.
        reason: String,
    },
    /// The ladder of a period cannot be climbed.
    #[error("tariff {tariff}, month {month}: {reason}")]
    Ladder {
        /// The tariff's id.
        tariff: String,
        /// 1 to 12.
        month: usize,
        /// What is wrong with the tiers.
        reason: String,
    },
}

impl Fault for ProfileError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "profile.too_large",
            Self::Length { .. } => "profile.length",
            Self::BadValue { .. } => "profile.bad_value",
            Self::Mismatch { .. } => "profile.mismatch",
            Self::Unsupported { .. } => "profile.unsupported",
            Self::Ladder { .. } => "profile.ladder",
        }
    }
}
