//! What can go wrong with alerts.

use kernel::{Fault, FaultKind};
use store::StoreError;

use crate::{bulletins::BulletinError, settlement::SettlementError};

/// A refused change of an alert.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// No such alert, or none of this organisation.
    #[error("there is no such alert")]
    NotFound,
    /// Somebody else changed it meanwhile, or it is closed.
    #[error("this alert was changed meanwhile; look at it again")]
    Changed,
    /// A field that is missing or wrong.
    #[error("{field}: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// Telling the customer was refused.
    #[error(transparent)]
    Bulletin(#[from] BulletinError),
    /// The settlement does not answer.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// The lake's store refused.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for AlertError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::NotFound => FaultKind::NotFound,
            Self::Changed => FaultKind::Conflict,
            Self::Field { .. } => FaultKind::Invalid,
            Self::Bulletin(error) => error.kind(),
            Self::Settlement(error) => error.kind(),
            Self::Lake(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::NotFound => "alert.not_found",
            Self::Changed => "alert.changed",
            Self::Field { .. } => "alert.field",
            Self::Bulletin(error) => error.code(),
            Self::Settlement(error) => error.code(),
            Self::Lake(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
