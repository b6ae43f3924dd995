//! What can go wrong with published tariffs.

use kernel::{Date, Fault, FaultKind};
use store::StoreError;

/// A refused publication, or a tariff that is not there.
#[derive(Debug, thiserror::Error)]
pub enum TariffBookError {
    /// The person may not publish.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// The document does not compile.
    #[error(transparent)]
    Document(#[from] tariff::TariffError),
    /// Nothing is in force on a day that must be billed.
    #[error("no version of tariff {code} is in force on {day}; publish one that covers the day")]
    NotInForce {
        /// The tariff's code.
        code: String,
        /// The day.
        day: Date,
    },
    /// Two versions would price the same days from the same start.
    #[error("tariff {code} has a version from {from} already; a new version starts on another day")]
    SameStart {
        /// The tariff's code.
        code: String,
        /// The first day.
        from: Date,
    },
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for TariffBookError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::Document(error) => error.kind(),
            Self::NotInForce { .. } => FaultKind::Invalid,
            Self::SameStart { .. } => FaultKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::Document(error) => error.code(),
            Self::NotInForce { .. } => "tariffs.not_in_force",
            Self::SameStart { .. } => "tariffs.same_start",
            Self::Store(error) => error.code(),
        }
    }
}
