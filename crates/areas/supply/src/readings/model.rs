//! Imports and decisions as values: what is asked, and what came of it.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use kernel::{Date, Id};
use metering::{
    codec::profile::Profile,
    reading::{RegisterKind, Source},
};

/// How a file is laid out.
#[derive(Debug, Clone)]
pub enum Form {
    /// Register readings in the documented columns.
    Registers,
    /// Intervals in the documented columns.
    Intervals,
    /// Load curves in the documented columns: a row is a day.
    Curves,
    /// Intervals or daily values in somebody else's columns.
    Profile(Arc<Profile>),
    /// NEM12 or NEM13, plain or zipped.
    Nem,
    /// Green Button.
    GreenButton,
    /// Register readings as a Parquet file with the documented columns.
    Parquet,
}

impl Form {
    /// The stored word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Registers => "registers",
            Self::Intervals => "intervals",
            Self::Curves => "curves",
            Self::Profile(_) => "profile",
            Self::Nem => "nem",
            Self::GreenButton => "green_button",
            Self::Parquet => "parquet",
        }
    }
}

/// What becomes of a file with bad rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadRows {
    /// The good rows count, the others go into quarantine.
    KeepGood,
    /// Nothing of the file counts.
    RefuseWhole,
}

impl BadRows {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::KeepGood => "keep_good",
            Self::RefuseWhole => "refuse_whole",
        }
    }
}

/// A file to be imported.
#[derive(Debug, Clone)]
pub struct ImportFile {
    /// Where it lies.
    pub path: PathBuf,
    /// How people call it; its name by default.
    pub name: String,
    /// How it is laid out.
    pub form: Form,
    /// What becomes of it when it has bad rows.
    pub bad_rows: BadRows,
    /// Where readings come from that do not say so themselves.
    pub source: Source,
    /// Rows that count together and are held in memory: [`ImportFile::CHUNK`] unless a test wants
    /// less.
    pub chunk_rows: usize,
}

impl ImportFile {
    /// Rows of a chunk: some 60 MB of readings while they are sorted.
    pub const CHUNK: usize = 400_000;

    /// An import of a file under its own name: good rows are kept, values come from a file.
    #[must_use]
    pub fn new(path: PathBuf, form: Form) -> Self {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        Self {
            path,
            name,
            form,
            bad_rows: BadRows::KeepGood,
            source: Source::Import,
            chunk_rows: Self::CHUNK,
        }
    }
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Line in the file, from 1; 0 for the file as a whole.
    pub line: u64,
    /// The column, or empty for the whole row.
    pub field: &'static str,
    /// Stable code.
    pub code: &'static str,
    /// In words: what is wrong and what to do.
    pub reason: String,
    /// The start of the row.
    pub content: String,
}

/// What an import came to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ImportSummary {
    /// The import.
    pub import: Id,
    /// The file was imported before; nothing was done.
    pub known: bool,
    /// `done` or `refused`.
    pub state: String,
    /// Values looked at.
    pub rows: i64,
    /// Values that count.
    pub good: i64,
    /// Rows in quarantine, all counted.
    pub bad: i64,
    /// First and last business day.
    pub days: Option<(Date, Date)>,
    /// Usage points for which a settled day was touched.
    pub late_usage_points: i64,
    /// Why the whole was refused.
    pub refusal: Option<String>,
}

/// What a person decides about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The delivered reading is right.
    Accept,
    /// The estimate stays.
    Estimate,
    /// Another value, in the register's unit as a decimal text, by register.
    Replace(BTreeMap<RegisterKind, String>),
    /// Someone goes to look; the finding stays visible.
    FieldCheck,
}

impl Decision {
    /// The stored word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Estimate => "estimate",
            Self::Replace(_) => "replace",
            Self::FieldCheck => "field_check",
        }
    }
}

/// A decision with its reason and the version of the finding that the person saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// The finding.
    pub exception: Id,
    /// As it was seen.
    pub version: i64,
    /// What is decided.
    pub decision: Decision,
    /// Why.
    pub reason: String,
}
