//! What can go wrong in the lake, in words that name the file, the place and the way out.

use std::{
    io,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use kernel::{Fault, FaultKind, QuantityError};

/// An error of the lake.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The operating system refused a read or a write.
    #[error("{}: {action}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A file that cannot be read as Parquet: truncated, damaged or of another kind.
    #[error(
        "{}: not a readable Parquet file ({reason}); write it again, without nested columns, \
         uncompressed or with zstd, snappy, gzip or lz4",
        path.display()
    )]
    NotParquet {
        /// The file.
        path: PathBuf,
        /// What the reader found.
        reason: String,
    },
    /// A needed column is not there.
    #[error("{}: column {column} is missing; the file has {found}", path.display())]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The column that was looked for.
        column: String,
        /// The columns that are there.
        found: String,
    },
    /// A column holds another type than it must.
    #[error("{}: column {column} must hold {expected}, not {found}", path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The type that is needed.
        expected: &'static str,
        /// The type that is there.
        found: String,
    },
    /// A value that cannot be right.
    #[error("{}: row {row}: {reason}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The row, counted from 1.
        row: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A quantity does not fit.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A file of the lake itself does not say what it must.
    #[error("{}: {reason}; restore it from a backup or settle the day again", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// What was asked for is not in the lake.
    #[error("{0} is not in the lake")]
    NotFound(String),
    /// A day before those that the caller has looked up: ask again with a catalogue that begins
    /// before it.
    #[error("the files of {0} were not looked up")]
    OutOfReach(kernel::Date),
    /// The request is wrong in itself.
    #[error("{0}")]
    Invalid(String),
    /// The object store does not answer as it should.
    #[error("object store: {0}")]
    Store(String),
}

impl LakeError {
    /// Wraps an answer of the operating system.
    pub(crate) fn io(
        path: impl Into<PathBuf>,
        action: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, action, source }
    }

    /// Wraps an answer of the Parquet reader.
    pub(crate) fn parquet(
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        let path = path.into();
        move |error| Self::NotParquet { path, reason: error.to_string() }
    }
}

/// Runs a reader of a file that came from outside. The Parquet library may panic on damaged
/// bytes; that is the file's fault and is answered like any other unreadable file.
pub(crate) fn guarded<T>(
    path: &Path,
    read: impl FnOnce() -> Result<T, LakeError>,
) -> Result<T, LakeError> {
    panic::catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(LakeError::NotParquet { path: path.to_owned(), reason: "its bytes are damaged".into() })
    })
}

impl Fault for LakeError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                FaultKind::NotFound
            }
            Self::Io { .. } | Self::Store(_) => FaultKind::Unavailable,
            Self::NotParquet { .. }
            | Self::MissingColumn { .. }
            | Self::ColumnType { .. }
            | Self::Row { .. }
            | Self::Quantity(_)
            | Self::Invalid(_) => FaultKind::Invalid,
            Self::Corrupt { .. } => FaultKind::Corrupt,
            Self::NotFound(_) => FaultKind::NotFound,
            Self::OutOfReach(_) => FaultKind::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "lake.io",
            Self::NotParquet { .. } => "lake.not_parquet",
            Self::MissingColumn { .. } => "lake.missing_column",
            Self::ColumnType { .. } => "lake.column_type",
            Self::Row { .. } => "lake.row",
            Self::Quantity(inner) => inner.code(),
            Self::Corrupt { .. } => "lake.corrupt",
            Self::NotFound(_) => "lake.not_found",
            Self::OutOfReach(_) => "lake.out_of_reach",
            Self::Invalid(_) => "lake.invalid",
            Self::Store(_) => "lake.store",
        }
    }
}
