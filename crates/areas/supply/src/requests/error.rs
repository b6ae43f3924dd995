//! What can go wrong with requests for readings.

use kernel::{Fault, FaultKind};
use store::StoreError;

use crate::readings::ReadingError;

/// A refused request or answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// No such request, or none of this organisation.
    #[error("there is no such request")]
    NotFound,
    /// Nothing hangs there.
    #[error("this usage point has no meter")]
    NoMeter,
    /// The meter is not read from afar.
    #[error("this meter hangs on no concentrator: it is read with a handheld")]
    NotAutomatic,
    /// One is at work.
    #[error("this meter is being asked already")]
    Asked,
    /// It ended before.
    #[error("this request has ended")]
    Ended,
    /// Days that a meter's memory does not hold.
    #[error("{0}")]
    Days(&'static str),
    /// The reading was refused.
    #[error(transparent)]
    Reading(#[from] ReadingError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for RequestError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::NotFound => FaultKind::NotFound,
            Self::NoMeter | Self::NotAutomatic | Self::Asked | Self::Ended => FaultKind::Conflict,
            Self::Days(_) => FaultKind::Invalid,
            Self::Reading(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::NotFound => "request.not_found",
            Self::NoMeter => "request.no_meter",
            Self::NotAutomatic => "request.not_automatic",
            Self::Asked => "request.asked",
            Self::Ended => "request.ended",
            Self::Days(_) => "request.days",
            Self::Reading(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
