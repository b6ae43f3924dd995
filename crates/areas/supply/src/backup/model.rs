//! What a backup says about itself.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::BackupError;

/// The name of the record that makes a folder a backup.
pub(super) const RECORD: &str = "backup.json";
/// The form of the folder.
pub(super) const FORMAT: u32 = 1;

/// A backup as its record tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupSummary {
    /// The form of the folder.
    pub format: u32,
    /// When the snapshot was taken, microseconds since 1970.
    pub taken_at: i64,
    /// Tables.
    pub tables: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Lake files.
    pub files: u64,
    /// Bytes of the lake files.
    pub bytes: u64,
    /// SHA-256 of `sql/manifest.json`, which has those of the tables.
    pub sql_sha256: String,
}

/// Where the tables of a backup lie.
pub(super) fn sql_folder(folder: &Path) -> PathBuf {
    folder.join("sql")
}

/// Where a lake file of a backup lies.
pub(super) fn lake_path(folder: &Path, key: &str) -> PathBuf {
    folder.join("lake").join(key)
}

/// Reads the record of a backup.
///
/// # Errors
/// [`BackupError::Incomplete`] when there is none, [`BackupError::Damaged`] when it cannot be read.
pub fn read_summary(folder: &Path) -> Result<BackupSummary, BackupError> {
    let path = folder.join(RECORD);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(BackupError::Incomplete(folder.display().to_string()));
        }
        Err(error) => return Err(file_error(&path)(error)),
    };
    let damaged =
        |reason: String| BackupError::Damaged { path: path.display().to_string(), reason };
    let summary: BackupSummary =
        serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    if summary.format != FORMAT {
        let reason = format!("form {} is not known; this program reads {FORMAT}", summary.format);
        return Err(damaged(reason));
    }
    Ok(summary)
}

pub(super) fn file_error(path: &Path) -> impl Fn(std::io::Error) -> BackupError + '_ {
    move |error| BackupError::File { path: path.display().to_string(), error }
}
