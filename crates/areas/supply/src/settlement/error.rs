//! What can go wrong in a settlement.

use kernel::{Date, Fault, FaultKind};
use lake::LakeError;
use store::StoreError;

use crate::tariffs::TariffBookError;

/// A day that cannot be settled, with the reason.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// Days are settled in order.
    #[error("{day} cannot be settled before {missing}: days are settled one after the other")]
    OutOfOrder {
        /// The day asked for.
        day: Date,
        /// The first day that is missing.
        missing: Date,
    },
    /// Somebody else has settled it meanwhile.
    #[error("{0} is settled already")]
    Settled(Date),
    /// The day is not settled.
    #[error("{0} is not settled")]
    NotSettled(Date),
    /// A number that does not fit.
    #[error("too many {0} to be settled")]
    TooMany(&'static str),
    /// A tariff is missing or does not compile.
    #[error(transparent)]
    Tariff(#[from] TariffBookError),
    /// The lake refused.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for SettlementError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::OutOfOrder { .. } | Self::Settled(_) => FaultKind::Conflict,
            Self::NotSettled(_) => FaultKind::NotFound,
            Self::TooMany(_) => FaultKind::Limit,
            Self::Tariff(error) => error.kind(),
            Self::Lake(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::OutOfOrder { .. } => "settlement.out_of_order",
            Self::Settled(_) => "settlement.settled",
            Self::NotSettled(_) => "settlement.not_settled",
            Self::TooMany(_) => "settlement.too_many",
            Self::Tariff(error) => error.code(),
            Self::Lake(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
