//! What can go wrong with readings.

use kernel::{Fault, FaultKind};
use lake::LakeError;
use metering::codec::{CodecError, profile::ProfileError};
use store::StoreError;

use crate::settlement::SettlementError;

/// A refused operation on readings.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// A file that cannot be opened or read.
    #[error("{file}: {error}")]
    File {
        /// Its name.
        file: String,
        /// The system's words.
        error: std::io::Error,
    },
    /// The file as a whole is refused.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The mapping profile is wrong.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// Another process imports the same file.
    #[error("another process is importing this file at the moment; look at its progress")]
    Busy,
    /// There is no such finding, or none of this organisation.
    #[error("there is no such finding")]
    NotFound,
    /// Somebody else decided meanwhile.
    #[error("this finding was changed meanwhile; look at it again")]
    Changed,
    /// A reason is needed.
    #[error("say why: the reason is part of the evidence of the bill")]
    ReasonMissing,
    /// There is no reading that could be accepted or replaced.
    #[error("no reading of this day was delivered: let it be estimated, or replace it by a value")]
    NothingDelivered,
    /// A value that does not fit the meter.
    #[error("{register}: {reason}")]
    Value {
        /// The register.
        register: String,
        /// What is wrong.
        reason: String,
    },
    /// The meter, its installation or its registers cannot be read back.
    #[error("the stored {0} cannot be read back")]
    Corrupt(&'static str),
    /// A number that does not fit.
    #[error("too many {0}")]
    TooMany(&'static str),
    /// The settlement that follows was refused.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// The lake refused.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for ReadingError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::File { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
                FaultKind::NotFound
            }
            Self::File { .. } => FaultKind::Unavailable,
            Self::Codec(error) => error.kind(),
            Self::Busy | Self::Changed | Self::NothingDelivered => FaultKind::Conflict,
            Self::NotFound => FaultKind::NotFound,
            Self::Profile(_) | Self::ReasonMissing | Self::Value { .. } => FaultKind::Invalid,
            Self::Corrupt(_) => FaultKind::Corrupt,
            Self::TooMany(_) => FaultKind::Limit,
            Self::Settlement(error) => error.kind(),
            Self::Lake(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::File { .. } => "reading.file",
            Self::Codec(error) => error.code(),
            Self::Profile(error) => error.code(),
            Self::Busy => "reading.import_busy",
            Self::NotFound => "reading.finding_not_found",
            Self::Changed => "reading.finding_changed",
            Self::ReasonMissing => "reading.reason_missing",
            Self::NothingDelivered => "reading.nothing_delivered",
            Self::Value { .. } => "reading.value",
            Self::Corrupt(_) => "reading.corrupt",
            Self::TooMany(_) => "reading.too_many",
            Self::Settlement(error) => error.code(),
            Self::Lake(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
