//! Imports and decisions as values: what is asked, and what came of it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::{Date, Id};
use metering::{
    codec::{
        curves_csv,
        profile::{BUILT_IN, Profile},
    },
    reading::{RegisterKind, Source},
};

use super::ReadingError;

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
    /// The form that people name: one of the stored words, or `profile:` and the name of a profile
    /// that comes with the program.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "registers" => Some(Self::Registers),
            "intervals" => Some(Self::Intervals),
            "curves" => Some(Self::Curves),
            "nem" => Some(Self::Nem),
            "green_button" => Some(Self::GreenButton),
            "parquet" => Some(Self::Parquet),
            _ => {
                let asked = name.strip_prefix("profile:")?;
                let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == asked)?;
                Profile::parse(text).ok().map(|profile| Self::Profile(Arc::new(profile)))
            }
        }
    }

    /// The form of a file by its first bytes and its name.
    ///
    /// # Errors
    /// [`ReadingError::File`].
    pub fn of_file(path: &Path, name: &str) -> Result<Self, ReadingError> {
        let start = super::head_of(path, name)?;
        Ok(Self::of_start(&start, name))
    }

    fn of_start(start: &[u8], name: &str) -> Self {
        let text = String::from_utf8_lossy(start).to_lowercase();
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let first = text.lines().next().unwrap_or_default();
        if start.starts_with(b"PAR1") {
            return Self::Parquet;
        }
        if first.starts_with('<') {
            return Self::GreenButton;
        }
        if first.starts_with("100,nem")
            || first.starts_with("200,")
            || name.to_lowercase().starts_with("nem1")
        {
            return Self::Nem;
        }
        if curves_csv::is_header(first.split([',', ';', '\t'])) {
            return Self::Curves;
        }
        let intervals = first.contains("minutes") && first.contains("value");
        if intervals { Self::Intervals } else { Self::Registers }
    }

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

/// What an import of a file would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCheck {
    /// The same file was imported before: nothing would be done.
    pub known: bool,
    /// Values that would count.
    pub good: i64,
    /// Rows that would go into quarantine.
    pub bad: i64,
    /// What is wrong with them: the first of them.
    pub problems: Vec<RowProblem>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_line_or_its_name() {
        let of = |text: &str, name: &str| Form::of_start(text.as_bytes(), name).word();
        assert_eq!(of("\u{feff}usage_point,at,total\n", "a.csv"), "registers");
        assert_eq!(of("usage_point,start,minutes,value\n", "a.csv"), "intervals");
        assert_eq!(of("100,NEM12,200801011500\n", "a.csv"), "nem");
        assert_eq!(of("300,20080101\n", "NEM12_june.csv"), "nem");
        assert_eq!(of("<?xml version=\"1.0\"?>", "a.xml"), "green_button");
        assert_eq!(of("PAR1\u{0}", "a.parquet"), "parquet");
    }

    #[test]
    fn every_profile_that_comes_with_the_program_has_a_name() {
        for (name, _) in BUILT_IN {
            assert!(Form::named(&format!("profile:{name}")).is_some(), "{name}");
        }
        assert!(Form::named("profile:nobody").is_none() && Form::named("csv").is_none());
    }
}
