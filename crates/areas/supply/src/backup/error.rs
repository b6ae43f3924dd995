//! What can go wrong with a backup.

use kernel::{Fault, FaultKind};
use lake::LakeError;
use store::StoreError;

/// A refused or failed backup or restore.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder holds something already.
    #[error("{0} holds something already; name a new or empty folder")]
    Occupied(String),
    /// The folder holds the beginning of a backup.
    #[error(
        "{0} holds a backup that was stopped before its end: delete the folder, or name another"
    )]
    Unfinished(String),
    /// The folder holds no whole backup.
    #[error(
        "{0} is no whole backup: backup.json is missing; it was stopped before its end, or is another folder"
    )]
    Incomplete(String),
    /// A file that cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: String,
        /// The system's words.
        error: std::io::Error,
    },
    /// A file is not what its record says.
    #[error("{path}: {reason}")]
    Damaged {
        /// Which.
        path: String,
        /// What differs.
        reason: String,
    },
    /// The lake refused.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for BackupError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Occupied(_) | Self::Unfinished(_) => FaultKind::Conflict,
            Self::Incomplete(_) => FaultKind::Invalid,
            Self::File { .. } => FaultKind::Unavailable,
            Self::Damaged { .. } => FaultKind::Corrupt,
            Self::Lake(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Occupied(_) => "backup.occupied",
            Self::Unfinished(_) => "backup.unfinished",
            Self::Incomplete(_) => "backup.incomplete",
            Self::File { .. } => "backup.file",
            Self::Damaged { .. } => "backup.damaged",
            Self::Lake(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
