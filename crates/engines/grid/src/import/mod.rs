//! How files become networks. Every reader takes bytes or a stream that its caller opened, keeps
//! what is good, and says of everything else where and why it was left out. What is wrong with a
//! whole file refuses it.
//!
//! - [`cim`]: CIM100 RDF/XML (IEC 61970/61968).
//! - [`bureau`]: our own documented tables `nodes.csv`, `edges.csv`, `usage_points.csv`.
//! - [`feeder`]: tables of a test feeder: buses, edges, loads.
//! - [`arrays`]: the columns of a network as NumPy arrays in one file.
//! - [`lists`]: what is asked of a network: devices, operations, reports, usage points that are off.

pub mod arrays;
pub mod bureau;
pub mod cim;
pub mod feeder;
pub mod lists;
mod report;
mod table;

use std::{collections::BTreeMap, fmt, io};

use kernel::{Fault, FaultKind};
use serde::Serialize;

pub use report::{Examples, Island, Loop, Report, Unfed, report};

use crate::{
    Network, Phases,
    network::{Rows, RowsError},
};

/// Bounds that hold memory in check whatever a file contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a file, unpacked.
    pub bytes: u64,
    /// The most bytes between two tags of XML, and of a line of CSV.
    pub piece_bytes: usize,
    /// The most statements (triples: an object's class or one of its properties) of RDF/XML.
    pub triples: u64,
    /// How many problems are kept word for word; all are counted.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 2 << 30, piece_bytes: 1 << 20, triples: 8_000_000, problems: 1_000 }
    }
}

/// Something wrong at a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// A stable code such as `grid.no_such_node`.
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

/// Rows that were left out: the first of them word for word, all of them counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Problems {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Vec<Problem>,
    #[serde(skip)]
    keep: usize,
}

impl Problems {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { count: 0, first: Vec::new(), keep: limits.problems }
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.count += 1;
        if self.first.len() < self.keep {
            self.first.push(problem);
        }
    }
}

/// What a file came to: rows, how switches stand, and what was left out.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// The rows of the network.
    pub rows: Rows,
    /// Equipment that stands otherwise than normally at the time of the file.
    pub switched: Vec<(u32, Phases)>,
    /// Objects by class, where the format has classes.
    pub classes: BTreeMap<String, u64>,
    /// How many customers the usage points stand for, where one can stand for several.
    pub customers: u64,
    /// Rows and references that could not be used.
    pub problems: Problems,
}

impl Imported {
    /// Numbers the network and checks it.
    ///
    /// # Errors
    /// [`ImportError::Rows`] when the rows do not fit together.
    pub fn finish(self) -> Result<(Network, Report), ImportError> {
        let customers = self.customers;
        let network = Network::build(self.rows)?;
        let mut report = report(network, self.problems);
        report.1.customers = customers.max(u64::from(report.0.points()));
        Ok(report)
    }
}

/// Why a file was refused.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file as a whole, or its first unusable place.
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
    /// The rows are no network.
    #[error(transparent)]
    Rows(#[from] RowsError),
}

impl ImportError {
    pub(crate) fn refuse(
        file: &str,
        line: u64,
        code: &'static str,
        reason: impl Into<String>,
    ) -> Self {
        Self::Refused(Problem { file: file.to_owned(), line, code, reason: reason.into() })
    }
}

impl Fault for ImportError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Refused(problem) if problem.code.starts_with("limit.") => FaultKind::Limit,
            Self::Refused(_) => FaultKind::Invalid,
            Self::Io { .. } => FaultKind::Unavailable,
            Self::Rows(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused(problem) => problem.code,
            Self::Io { .. } => "grid.unreadable",
            Self::Rows(error) => error.code(),
        }
    }
}
