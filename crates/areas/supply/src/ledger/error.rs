//! What can go wrong when money is booked.

use kernel::{Fault, FaultKind, QuantityError};
use store::StoreError;

/// A refused booking.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The id was used before for something else.
    #[error("transfer {0} is booked already with other parties or another amount; use a new id")]
    IdReused(String),
    /// An amount must be positive.
    #[error("transfer {0} has no positive amount")]
    NotPositive(String),
    /// A sum does not fit.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for LedgerError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::IdReused(_) => FaultKind::Conflict,
            Self::NotPositive(_) => FaultKind::Invalid,
            Self::Quantity(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::IdReused(_) => "ledger.id_reused",
            Self::NotPositive(_) => "ledger.not_positive",
            Self::Quantity(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
