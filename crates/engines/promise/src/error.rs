//! What can go wrong with rule packs and with clocks.

use kernel::{CalendarError, Date, Fault, FaultKind, Instant, QuantityError};

/// A rule pack that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// It is not TOML of the right shape.
    #[error("{document}: {message}")]
    Syntax {
        /// The document.
        document: String,
        /// What the reader said, with its line.
        message: String,
    },
    /// A value contradicts another, or says nothing.
    #[error("{document}: {place}: {reason}")]
    Value {
        /// The document.
        document: String,
        /// Which promise and field.
        place: String,
        /// What is wrong and what to do.
        reason: String,
    },
}

impl Fault for PackError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "promise.pack_syntax",
            Self::Value { .. } => "promise.pack_value",
        }
    }
}

/// Why a clock gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The deadline lies beyond the years whose holidays are known: guessing would be a wrong date.
    #[error(
        "the deadline counted from {from} lies beyond {through}, the end of the calendar; load the next year's holidays"
    )]
    BeyondCalendar {
        /// From when it is counted.
        from: Instant,
        /// The last day that is known.
        through: Date,
    },
    /// The rule names office hours that no pack defines.
    #[error("no pack defines the office hours {0:?}")]
    NoHours(String),
    /// A promise of this kind needs the instant that it counts back from.
    #[error("promise {0} counts back from an event; say when the event is")]
    NoTarget(String),
    /// The calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A date or a limit at the edge of time.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

impl Fault for ClockError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::BeyondCalendar { .. } => "promise.beyond_calendar",
            Self::NoHours(_) => "promise.no_hours",
            Self::NoTarget(_) => "promise.no_target",
            Self::Calendar(error) => error.code(),
            Self::Quantity(error) => error.code(),
        }
    }
}
