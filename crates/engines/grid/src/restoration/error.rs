//! What can be wrong with rules, files and histories of outages.

use kernel::{Fault, FaultKind};

/// Why restoration times cannot be estimated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestorationError {
    /// The rule document is no rule document.
    #[error("the restoration rules cannot be read: {0}")]
    Rules(String),
    /// A number of the rule document makes no sense.
    #[error("restoration rules: {field} {reason}")]
    RuleValue {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Too few outages to learn from.
    #[error("{found} outages teach; at least {least} are needed")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many are needed.
        least: usize,
    },
    /// More outages than are kept in memory.
    #[error("more than {0} outages; leave out the oldest")]
    TooMany(usize),
    /// A value of a file.
    #[error("line {line}: {reason}")]
    Row {
        /// The line.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A file as a whole.
    #[error("{0}")]
    File(String),
}

impl Fault for RestorationError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::TooMany(_) => FaultKind::Limit,
            _ => FaultKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Rules(_) => "restoration.rules",
            Self::RuleValue { .. } => "restoration.rule_value",
            Self::TooFew { .. } => "restoration.too_few",
            Self::TooMany(_) => "restoration.too_many",
            Self::Row { .. } => "restoration.row",
            Self::File(_) => "restoration.file",
        }
    }
}
