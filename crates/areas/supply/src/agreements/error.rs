//! What can go wrong with agreements.

use kernel::{Date, Fault, FaultKind};
use store::StoreError;

use crate::{billing::BillingError, settlement::SettlementError, tariffs::TariffBookError};

/// A refused agreement.
#[derive(Debug, thiserror::Error)]
pub enum AgreementError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// The usage point has an agreement then.
    #[error("this usage point has an agreement on {0} already; end or change that one")]
    Overlaps(Date),
    /// There is no such agreement, or none of this organisation.
    #[error("there is no such agreement")]
    NotFound,
    /// Days that are billed cannot be changed here.
    #[error(
        "the change would reach back to {asked}, but bills are issued up to {billed}; correct those bills instead"
    )]
    Billed {
        /// The first day asked for.
        asked: Date,
        /// The first day that is not billed.
        billed: Date,
    },
    /// A change must lie after the start.
    #[error("the day {0} is not after the start of the agreement")]
    NotAfterStart(Date),
    /// A two-part tariff needs what its basic charge is measured by.
    #[error("{0}")]
    Terms(&'static str),
    /// An account that is closed or not there takes nothing over.
    #[error("there is no open account with this number")]
    NoAccount,
    /// A change of account is recorded when it has happened.
    #[error("the day {0} is still to come; record the change of account on the day")]
    NotYet(Date),
    /// Settled days could not be settled again under the new account.
    #[error(transparent)]
    Settlement(#[from] Box<SettlementError>),
    /// Bills that reached over the change could not be taken back.
    #[error(transparent)]
    Billing(#[from] Box<BillingError>),
    /// The tariffs cannot be read.
    #[error(transparent)]
    Book(#[from] TariffBookError),
    /// Somebody else changed it meanwhile.
    #[error("this agreement was changed meanwhile; look at it again")]
    Changed,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for AgreementError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::Overlaps(_) | Self::Billed { .. } | Self::Changed => FaultKind::Conflict,
            Self::NotFound => FaultKind::NotFound,
            Self::NotAfterStart(_) | Self::Terms(_) | Self::NoAccount | Self::NotYet(_) => {
                FaultKind::Invalid
            }
            Self::Settlement(error) => error.kind(),
            Self::Billing(error) => error.kind(),
            Self::Book(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::Overlaps(_) => "agreement.overlaps",
            Self::Billed { .. } => "agreement.billed",
            Self::NotFound => "agreement.not_found",
            Self::NotAfterStart(_) => "agreement.not_after_start",
            Self::Terms(_) => "agreement.terms",
            Self::NoAccount => "agreement.no_account",
            Self::NotYet(_) => "agreement.not_yet",
            Self::Settlement(error) => error.code(),
            Self::Billing(error) => error.code(),
            Self::Book(error) => error.code(),
            Self::Changed => "agreement.changed",
            Self::Store(error) => error.code(),
        }
    }
}
