//! What can go wrong with notices.

use kernel::{Fault, FaultKind};
use store::StoreError;

/// A refused operation on notices.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// A template document that cannot be used.
    #[error("{document}: {place}: {reason}")]
    Template {
        /// The document.
        document: String,
        /// Which template, in which language.
        place: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The policy document cannot be used.
    #[error("rules/notices/policy.toml: {0}")]
    Policy(String),
    /// There is no template for this kind and stage.
    #[error("there is no template for {kind} notices {stage} the outage")]
    NoTemplate {
        /// The kind.
        kind: &'static str,
        /// The stage.
        stage: &'static str,
    },
    /// The record does not say what the template needs.
    #[error("the notice needs {0}: say it in its variables")]
    VariableMissing(String),
    /// There is no such notice, message or call.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It is done, or was changed meanwhile.
    #[error("{0}")]
    State(&'static str),
    /// A field that cannot be so.
    #[error("{0}")]
    Invalid(&'static str),
    /// What is stored cannot be read back.
    #[error("notice {notice}: {reason}")]
    Corrupt {
        /// The notice.
        notice: kernel::Id,
        /// What is wrong.
        reason: String,
    },
    /// The registry.
    #[error(transparent)]
    Registry(#[from] registry::RegistryError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for NoticeError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::Template { .. }
            | Self::Policy(_)
            | Self::NoTemplate { .. }
            | Self::VariableMissing(_)
            | Self::Invalid(_) => FaultKind::Invalid,
            Self::NotFound(_) => FaultKind::NotFound,
            Self::State(_) => FaultKind::Conflict,
            Self::Corrupt { .. } => FaultKind::Corrupt,
            Self::Registry(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::Template { .. } => "notice.template",
            Self::Policy(_) => "notice.policy",
            Self::NoTemplate { .. } => "notice.no_template",
            Self::VariableMissing(_) => "notice.variable_missing",
            Self::NotFound(_) => "notice.not_found",
            Self::State(_) => "notice.state",
            Self::Invalid(_) => "notice.invalid",
            Self::Corrupt { .. } => "notice.corrupt",
            Self::Registry(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
