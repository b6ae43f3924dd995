//! What can go wrong with published tariffs.

use kernel::{Fault, FaultKind};
use store::StoreError;

/// A refused publication, or a tariff that is not there.
#[derive(Debug, thiserror::Error)]
pub enum TariffBookError {
    /// The person may not publish.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// The document does not compile, or none is in force on a day.
    #[error(transparent)]
    Document(#[from] tariff::TariffError),
    /// The very same text is published.
    #[error("this document is published already, as version {version} of {code}")]
    Published {
        /// The document's code.
        code: String,
        /// Its version.
        version: i64,
    },
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for TariffBookError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::Document(error) => error.kind(),
            Self::Published { .. } => FaultKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::Document(error) => error.code(),
            Self::Published { .. } => "tariffs.published",
            Self::Store(error) => error.code(),
        }
    }
}
