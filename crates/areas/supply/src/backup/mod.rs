//! Backups of the whole installation: tables and lake together, of one moment.
//!
//! A backup is a folder: `sql/` with one file per table, `lake/` with every file that counts, and
//! `backup.json`, which is written last. Invariants: which lake files belong to it is read from
//! the copy of `lake_file` itself, so tables and files are of one snapshot; every file is copied
//! with its checksum looked at; a folder without `backup.json` is no backup; a restore makes the
//! rows count last, in one transaction. It owns no tables.

mod error;
mod jobs;
mod model;

pub use error::BackupError;
pub use jobs::{backup, restore, verify};
pub use model::{BackupSummary, read_summary};
