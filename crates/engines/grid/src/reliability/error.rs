//! What can be wrong with rules, tables and files of interruptions.

use kernel::{Fault, FaultKind};

/// Why indices cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReliabilityError {
    /// The rule document is no rule document.
    #[error("the reliability rules cannot be read: {0}")]
    Rules(String),
    /// A number of the rule document makes no sense.
    #[error("reliability rules: {field} {reason}")]
    RuleValue {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A standard that no rule document knows.
    #[error("no standard \"{0}\" holds on that day; the rules name ieee-1366 and dlt-836")]
    Standard(String),
    /// A row that cannot be an interruption.
    #[error("line {line}: {reason}")]
    Row {
        /// The line in the caller's table or file.
        line: u32,
        /// What is wrong with it, and what to write.
        reason: String,
    },
    /// A file as a whole.
    #[error("{0}")]
    File(String),
    /// A basis without customers or time.
    #[error("{what} must be above zero")]
    Basis {
        /// What is missing.
        what: &'static str,
    },
    /// A sum that does not fit.
    #[error("the sum of {0} is too large")]
    Overflow(&'static str),
}

impl Fault for ReliabilityError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Rules(_) => "reliability.rules",
            Self::RuleValue { .. } => "reliability.rule_value",
            Self::Standard(_) => "reliability.standard",
            Self::Row { .. } => "reliability.row",
            Self::File(_) => "reliability.file",
            Self::Basis { .. } => "reliability.basis",
            Self::Overflow(_) => "reliability.overflow",
        }
    }
}
