//! What can go wrong with bulletins.

use kernel::{Date, Fault, FaultKind};
use store::StoreError;

/// A refused bulletin.
#[derive(Debug, thiserror::Error)]
pub enum BulletinError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// No such bulletin, or none of this organisation.
    #[error("there is no such bulletin")]
    NotFound,
    /// Too late for a change of the reading day.
    #[error("a new reading day is announced one cycle ahead: {earliest} or later, not {asked}")]
    TooSoon {
        /// The first day that can be announced.
        earliest: Date,
        /// The day asked for.
        asked: Date,
    },
    /// A field that is missing or too long.
    #[error("{field}: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for BulletinError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::NotFound => FaultKind::NotFound,
            Self::TooSoon { .. } | Self::Field { .. } => FaultKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::NotFound => "bulletin.not_found",
            Self::TooSoon { .. } => "bulletin.too_soon",
            Self::Field { .. } => "bulletin.field",
            Self::Store(error) => error.code(),
        }
    }
}
