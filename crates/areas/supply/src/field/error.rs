//! What can go wrong with readings from the field.

use kernel::{Fault, FaultKind};
use store::StoreError;

use crate::{alerts::AlertError, readings::ReadingError, requests::RequestError};

/// A refused device or reading.
#[derive(Debug, thiserror::Error)]
pub enum FieldError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// The token is that of no device, or of one that was revoked.
    #[error("this handheld is not registered, or no longer: register it in the console")]
    UnknownDevice,
    /// No such device or reading, or none of this organisation.
    #[error("there is no such handheld or reading")]
    NotFound,
    /// Nothing of that name is metered.
    #[error("no meter hangs at {0}")]
    NoMeter(String),
    /// A field that is missing or wrong.
    #[error("{field}: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The reading was refused.
    #[error(transparent)]
    Reading(#[from] ReadingError),
    /// The request behind it was refused.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The alert about it was refused.
    #[error(transparent)]
    Alert(#[from] AlertError),
    /// The lake refused.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for FieldError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::UnknownDevice => FaultKind::Denied,
            Self::NotFound => FaultKind::NotFound,
            Self::NoMeter(_) | Self::Field { .. } => FaultKind::Invalid,
            Self::Reading(error) => error.kind(),
            Self::Request(error) => error.kind(),
            Self::Alert(error) => error.kind(),
            Self::Lake(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::UnknownDevice => "field.unknown_device",
            Self::NotFound => "field.not_found",
            Self::NoMeter(_) => "field.no_meter",
            Self::Field { .. } => "field.field",
            Self::Reading(error) => error.code(),
            Self::Request(error) => error.code(),
            Self::Alert(error) => error.code(),
            Self::Lake(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
