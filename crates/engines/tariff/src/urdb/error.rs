//! What can be wrong with a US rate file or a case of the reference engine.

use kernel::{Fault, FaultKind};

use crate::{TariffError, profile::ProfileError};

/// Why a US rate is refused. Every text says what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrdbError {
    /// The text is no JSON, or not of the expected shape.
    #[error("line {line}, column {column}: {reason}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What the reader expected and found.
        reason: String,
    },
    /// A value breaks a rule of the format, or the format says something that cannot be billed.
    #[error("{place}: {reason}")]
    Value {
        /// The path of the value, such as `energyratestructure[2][0].rate`.
        place: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The checked parts do not make a plan.
    #[error(transparent)]
    Tariff(#[from] TariffError),
    /// The plan or the load cannot be rated.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}

impl UrdbError {
    /// The words for an error in one line of a file of several: the text that was read did not
    /// know which line of the file it is.
    #[must_use]
    pub fn in_line(&self, number: usize) -> String {
        match self {
            Self::Json { column, reason, .. } => {
                format!("line {number}, column {column}: {reason}")
            }
            other => format!("line {number}: {other}"),
        }
    }

    pub(super) fn value(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Value { place: place.into(), reason: reason.into() }
    }
}

impl From<serde_json::Error> for UrdbError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        // The place is kept apart from the reason; the reader appends it to its text.
        let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
        Self::Json { line: error.line(), column: error.column(), reason: reason.to_owned() }
    }
}

impl Fault for UrdbError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Tariff(e) => e.kind(),
            Self::Profile(e) => e.kind(),
            _ => FaultKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Json { .. } => "urdb.json",
            Self::Value { .. } => "urdb.value",
            Self::Tariff(e) => e.code(),
            Self::Profile(e) => e.code(),
        }
    }
}
