//! What can go wrong with files that are handed in.

use kernel::{Fault, FaultKind};
use store::StoreError;

use crate::{
    agreements::AgreementError, meters::MeterError, readings::ReadingError, sheet::SheetError,
};

/// A refused file.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// No such file, or none of this organisation.
    #[error("there is no such file")]
    NotFound,
    /// It is not at the step that the deed needs.
    #[error("this file is not waiting for a decision any more; look at it again")]
    Changed,
    /// The layout is none of the known ones.
    #[error("there is no layout {0:?} of readings")]
    Layout(String),
    /// Its bytes are gone.
    #[error("{file}: {error}")]
    File {
        /// Its name.
        file: String,
        /// The system's words.
        error: std::io::Error,
    },
    /// It is no list.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// It is no list of customers.
    #[error(transparent)]
    Customers(#[from] registry::import::ImportError),
    /// Meters.
    #[error(transparent)]
    Meters(#[from] MeterError),
    /// Agreements.
    #[error(transparent)]
    Agreements(#[from] AgreementError),
    /// Readings.
    #[error(transparent)]
    Readings(#[from] ReadingError),
    /// The lake's store.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<registry::import::FileError> for IntakeError {
    fn from(error: registry::import::FileError) -> Self {
        Self::Customers(error.into())
    }
}

impl Fault for IntakeError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::NotFound => FaultKind::NotFound,
            Self::Changed => FaultKind::Conflict,
            Self::Layout(_) => FaultKind::Invalid,
            Self::File { .. } => FaultKind::Unavailable,
            Self::Sheet(error) => error.kind(),
            Self::Customers(error) => error.kind(),
            Self::Meters(error) => error.kind(),
            Self::Agreements(error) => error.kind(),
            Self::Readings(error) => error.kind(),
            Self::Lake(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::NotFound => "intake.not_found",
            Self::Changed => "intake.changed",
            Self::Layout(_) => "intake.layout",
            Self::File { .. } => "intake.file",
            Self::Sheet(error) => error.code(),
            Self::Customers(error) => error.code(),
            Self::Meters(error) => error.code(),
            Self::Agreements(error) => error.code(),
            Self::Readings(error) => error.code(),
            Self::Lake(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
