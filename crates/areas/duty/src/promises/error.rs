//! What can go wrong with promises.

use kernel::{Fault, FaultKind};
use promise::{ClockError, PackError};
use store::StoreError;

/// A refused operation on promises.
#[derive(Debug, thiserror::Error)]
pub enum PromiseError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// There is no such promise, or none of this organisation.
    #[error("there is no such promise")]
    NotFound,
    /// Its verdict is given, or it is done.
    #[error("the promise is {0} already")]
    Ended(&'static str),
    /// Somebody else changed it meanwhile.
    #[error("this promise was changed meanwhile; look at it again")]
    Changed,
    /// The rule allows no pause for this reason.
    #[error("{reason:?} is no reason for a pause here; {allowed}")]
    NoSuchPause {
        /// What was asked for.
        reason: String,
        /// What is allowed, in words.
        allowed: String,
    },
    /// The clock stands for this reason already.
    #[error("the clock stands still for this reason already")]
    PausedAlready,
    /// There is no such pause to end.
    #[error("the clock does not stand still for this reason")]
    NotPaused,
    /// A time before the promise or in the future.
    #[error("{0}")]
    Time(&'static str),
    /// A promise is done only with evidence.
    #[error("name the evidence: what proves that it was done, and where it is found")]
    NoEvidence,
    /// The promise is not broken, so nobody has to answer.
    #[error("this promise is not broken; there is nothing to answer for")]
    NotBroken,
    /// The rule asks for a name or a reason.
    #[error("{0}")]
    Unanswered(&'static str),
    /// A rule pack.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// A stored rule cannot be read back.
    #[error("the rule of promise {promise} cannot be read: {reason}")]
    Corrupt {
        /// The promise.
        promise: kernel::Id,
        /// Why.
        reason: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for PromiseError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::NotFound => FaultKind::NotFound,
            Self::Ended(_) | Self::Changed | Self::PausedAlready | Self::NotPaused => {
                FaultKind::Conflict
            }
            Self::NotBroken => FaultKind::Conflict,
            Self::NoSuchPause { .. } | Self::Time(_) | Self::NoEvidence | Self::Unanswered(_) => {
                FaultKind::Invalid
            }
            Self::Pack(error) => error.kind(),
            Self::Clock(error) => error.kind(),
            Self::Corrupt { .. } => FaultKind::Corrupt,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::NotFound => "promise.not_found",
            Self::Ended(_) => "promise.ended",
            Self::Changed => "promise.changed",
            Self::NoSuchPause { .. } => "promise.no_such_pause",
            Self::PausedAlready => "promise.paused_already",
            Self::NotPaused => "promise.not_paused",
            Self::Time(_) => "promise.time",
            Self::NoEvidence => "promise.no_evidence",
            Self::NotBroken => "promise.not_broken",
            Self::Unanswered(_) => "promise.unanswered",
            Self::Pack(error) => error.code(),
            Self::Clock(error) => error.code(),
            Self::Corrupt { .. } => "promise.corrupt",
            Self::Store(error) => error.code(),
        }
    }
}
