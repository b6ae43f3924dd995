//! Copies of the whole database. A portable copy holds one JSON line per row and a manifest with
//! counts and checksums; what was written on one engine restores into the other, byte for byte.
//! On SQLite there is also the quick copy of the file itself.
//!
//! A folder is a copy only once its `manifest.json` is there, which is written and synced last.

mod catalog;
mod export;
mod import;

use std::path::Path;

use serde::{Deserialize, Serialize};
use sqlx::{ConnectOptions, Connection, SqlSafeStr, sqlite::SqliteConnectOptions};

use crate::{Db, StoreError, db::Pools};

/// The name of the manifest within the folder.
const MANIFEST: &str = "manifest.json";
/// The form of the folder; a later form gets a higher number.
const FORMAT: u32 = 1;
/// Tables that belong to the running processes or to the tables themselves, not to the business.
const NOT_COPIED: [&str; 2] = ["migration", "node"];

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupManifest {
    /// The form of the folder.
    pub format: u32,
    /// When the snapshot was taken, microseconds since 1970.
    pub taken_at: i64,
    /// The migrations that the tables had: `area/number checksum`.
    pub migrations: Vec<String>,
    /// The tables.
    pub tables: Vec<TableCopy>,
}

/// One table of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCopy {
    /// Its name; the file is `<name>.jsonl`.
    pub name: String,
    /// Its columns, in the order of the values on each line.
    pub columns: Vec<String>,
    /// Its rows.
    pub row_count: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

fn file_error(path: &Path) -> impl Fn(&dyn std::fmt::Display) -> StoreError + '_ {
    move |error| StoreError::File { path: path.display().to_string(), message: error.to_string() }
}

impl Db {
    /// SQLite only: a consistent, compact copy of the whole file, made while others read and
    /// write. `to` must not exist.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] on PostgreSQL (use [`Db::export_all`]), [`StoreError`] otherwise.
    pub async fn copy_file(&self, to: &Path) -> Result<(), StoreError> {
        let Pools::Sqlite { path, .. } = &self.inner.pools else {
            return Err(StoreError::Invalid(
                "only SQLite is one file: export the tables instead".to_owned(),
            ));
        };
        let fail = |e| StoreError::from_sqlx("copy_file", e);
        let to = to.to_str().ok_or_else(|| file_error(to)(&"the path is not UTF-8"))?;
        // A connection of its own: those for reading may not even write to another file.
        let connect =
            SqliteConnectOptions::new().filename(path).busy_timeout(crate::db::WRITER_WAIT);
        let mut conn = connect.connect().await.map_err(fail)?;
        let copied = sqlx::query("VACUUM INTO $1".into_sql_str()).bind(to).execute(&mut conn).await;
        copied.map_err(fail)?;
        conn.close().await.map_err(fail)
    }

    /// The file of a SQLite database.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.inner.pools {
            Pools::Sqlite { path, .. } => Some(path),
            Pools::Postgres(_) => None,
        }
    }
}
