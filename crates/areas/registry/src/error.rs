//! What can go wrong in the registry, in words for the person who asked.

use kernel::{Fault, FaultKind, Id};
use store::StoreError;

use crate::FieldError;

/// An operation or query of the registry failed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// Fields of the request are wrong; all of them are named.
    #[error("{}", fields(.0))]
    Invalid(Vec<FieldError>),
    /// There is no such row in this organisation.
    #[error("there is no {what} {id} in this organisation")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Its id or code.
        id: String,
    },
    /// Somebody else changed the row since it was read.
    #[error(
        "{what} {id} was changed by somebody else meanwhile: look at it again, then repeat your change"
    )]
    Changed {
        /// What it is.
        what: &'static str,
        /// Its id.
        id: Id,
    },
    /// A number that must be unique is in use.
    #[error("the {what} {value} is in use already: {hint}")]
    Taken {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: String,
        /// What to do.
        hint: &'static str,
    },
    /// The present state does not allow it.
    #[error("{0}")]
    State(String),
    /// The person may not do it.
    #[error(transparent)]
    Access(#[from] access::AccessError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn fields(errors: &[FieldError]) -> String {
    let lines: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.field, e.message)).collect();
    lines.join("; ")
}

impl RegistryError {
    /// There is no such row.
    pub(crate) fn not_found(what: &'static str, id: Id) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }
}

impl Fault for RegistryError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Invalid(_) => FaultKind::Invalid,
            Self::NotFound { .. } => FaultKind::NotFound,
            Self::Changed { .. } | Self::Taken { .. } | Self::State(_) => FaultKind::Conflict,
            Self::Access(inner) => inner.kind(),
            Self::Store(inner) => inner.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "registry.invalid",
            Self::NotFound { .. } => "registry.not_found",
            Self::Changed { .. } => "registry.changed",
            Self::Taken { .. } => "registry.taken",
            Self::State(_) => "registry.state",
            Self::Access(inner) => inner.code(),
            Self::Store(inner) => inner.code(),
        }
    }
}
