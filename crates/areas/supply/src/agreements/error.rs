//! What can go wrong with agreements.

use kernel::{Date, Fault, FaultKind};
use store::StoreError;

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
            Self::NotAfterStart(_) | Self::Terms(_) => FaultKind::Invalid,
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
            Self::Changed => "agreement.changed",
            Self::Store(error) => error.code(),
        }
    }
}
