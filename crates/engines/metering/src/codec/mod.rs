//! Files in and out. Every decoder reads a stream in bounded memory, hands each good row to the
//! caller as it goes, and answers for every bad one with file, line and reason.
//!
//! - [`registers_csv`], [`intervals_csv`], [`curves_csv`]: CSV with our own documented columns.
//! - [`profile`]: CSV of anyone else, through a mapping that says what its columns mean.
//! - [`nem`]: AEMO's meter data file format, NEM12 and NEM13, plain or zipped.
//! - [`espi`]: Green Button (NAESB ESPI in Atom), both ways.
//!
//! With [`Policy::RefuseWhole`] the first problem ends the decode with an error; the caller keeps
//! nothing of a file before its decode has returned `Ok`.

mod cells;
pub mod curves_csv;
pub mod espi;
pub mod intervals_csv;
mod lines;
pub mod nem;
mod number;
pub mod profile;
pub mod registers_csv;
mod series;
mod table;
mod time;
mod zipped;

pub use number::{Number, NumberError, Unit};
pub use zipped::{Guarded, gunzip, is_gzip, is_zip, unzip};

use std::{fmt, io};

use kernel::{Fault, FaultKind};
use serde::Serialize;

/// What to do with a file that has bad rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Keep the good rows and report the bad ones.
    KeepGood,
    /// Refuse the whole file at the first bad row.
    RefuseWhole,
}

/// Bounds that hold memory flat whatever the file contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest line in bytes; a longer one is skipped and reported.
    pub line_bytes: usize,
    /// The most bytes of a document that is held in memory while it is read (XML).
    pub document_bytes: usize,
    /// The most bytes that a compressed file may unpack to.
    pub unpacked_bytes: u64,
    /// The most times that a compressed file may grow when unpacked.
    pub unpacked_ratio: u64,
    /// How many problems are kept word for word; all are counted.
    pub problems: usize,
    /// How many series (usage point and register) of a file are followed to find duplicates and
    /// steps back in time; rows of further series are passed on unfollowed.
    pub series: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_bytes: 1 << 20,
            document_bytes: 256 << 20,
            unpacked_bytes: 4 << 30,
            unpacked_ratio: 200,
            problems: 1_000,
            series: 1_000_000,
        }
    }
}

/// Something wrong at a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// A stable code such as `number.not_a_number`.
    pub code: &'static str,
    /// What is wrong and what to do, in words.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.file, self.reason)
        } else {
            write!(f, "{}:{}: {}", self.file, self.line, self.reason)
        }
    }
}

/// What a decode came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Lines or records read, the header excepted.
    pub rows: u64,
    /// Rows handed to the caller.
    pub kept: u64,
    /// Rows left out because the row before in their series was the same.
    pub duplicates: u64,
    /// Rows that say "unknown" in the file's own way.
    pub missing: u64,
    /// Rows that go back in time within their usage point; they are kept.
    pub out_of_order: u64,
    /// All problems, counted.
    pub problem_count: u64,
    /// The first of them, word for word.
    pub problems: Vec<Problem>,
    /// Columns that have no meaning here and were left alone.
    pub unknown_columns: Vec<String>,
    /// The encoding that the text was read in.
    pub encoding: &'static str,
}

/// Why a file was refused.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The file, or a row of it under [`Policy::RefuseWhole`].
    #[error("{0}")]
    Refused(Problem),
    /// The file could not be read at all.
    #[error("{file}: cannot be read: {source}")]
    Io {
        /// The file, as the caller named it.
        file: String,
        /// The system's words.
        source: io::Error,
    },
}

impl Fault for CodecError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Refused(problem) if problem.code.starts_with("limit.") => FaultKind::Limit,
            Self::Refused(_) => FaultKind::Invalid,
            Self::Io { .. } => FaultKind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused(problem) => problem.code,
            Self::Io { .. } => "codec.io",
        }
    }
}

/// Collects what happens during one decode, under the caller's policy.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    file: &'a str,
    policy: Policy,
    limits: Limits,
    pub(crate) report: Report,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(file: &'a str, policy: Policy, limits: Limits) -> Self {
        Self { file, policy, limits, report: Report::default() }
    }

    pub(crate) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Reports a bad row: noted, or the end of the file.
    pub(crate) fn bad(
        &mut self,
        line: u64,
        code: &'static str,
        reason: impl Into<String>,
    ) -> Result<(), CodecError> {
        let problem = Problem { file: self.file.to_owned(), line, code, reason: reason.into() };
        match self.policy {
            Policy::RefuseWhole => Err(CodecError::Refused(problem)),
            Policy::KeepGood => {
                self.report.problem_count += 1;
                if self.report.problems.len() < self.limits.problems {
                    self.report.problems.push(problem);
                }
                Ok(())
            }
        }
    }

    /// The file as a whole cannot be used, whatever the policy.
    pub(crate) fn refuse(
        &self,
        line: u64,
        code: &'static str,
        reason: impl Into<String>,
    ) -> CodecError {
        let reason = reason.into();
        CodecError::Refused(Problem { file: self.file.to_owned(), line, code, reason })
    }

    /// The stream broke: the system's fault, or a guard of ours ([`Guarded`]).
    pub(crate) fn broken(&self, line: u64, error: io::Error) -> CodecError {
        match zipped::guard_reason(&error) {
            Some((code, reason)) => self.refuse(line, code, reason),
            None => CodecError::Io { file: self.file.to_owned(), source: error },
        }
    }
}

/// A cell short enough for a message.
pub(crate) fn shortened(text: &str) -> String {
    let mut out: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().count() > 40 {
        out.push('…');
    }
    out
}
