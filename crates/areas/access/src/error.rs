//! What can go wrong in this area, in words for the person who asked. The modules are small and
//! share one enum.

use kernel::{Fault, FaultKind, Id, Instant};
use store::StoreError;

use crate::Right;

/// A right that was asked for and not held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "you do not have the right {} at this organisation; an administrator can give you a role that has it",
    right.name()
)]
pub struct Denied {
    /// Who asked, for example `user:123`.
    pub actor: String,
    /// For what.
    pub right: Right,
    /// Where.
    pub org: Id,
    /// When.
    pub at: Instant,
}

/// A refused operation of this area.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A right is missing.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A field is wrong.
    #[error("{field}: {message}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
    /// There is no such thing, or not for this person.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A code or a name is in use.
    #[error("the {what} {value:?} is in use already: choose another")]
    Taken {
        /// What it is.
        what: &'static str,
        /// Its value.
        value: String,
    },
    /// The present state does not allow it.
    #[error("{0}")]
    State(&'static str),
    /// Too often.
    #[error("too many requests: try again after {until}")]
    TooOften {
        /// When it is allowed again.
        until: Instant,
    },
    /// A password could not be hashed or a stored hash not be read.
    #[error("a password hash cannot be made or read: {0}")]
    Hash(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccessError {
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into() }
    }
}

impl Fault for Denied {
    fn kind(&self) -> FaultKind {
        FaultKind::Denied
    }

    fn code(&self) -> &'static str {
        "access.denied"
    }
}

impl Fault for AccessError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Invalid { .. } => FaultKind::Invalid,
            Self::NotFound(_) => FaultKind::NotFound,
            Self::Taken { .. } | Self::State(_) => FaultKind::Conflict,
            Self::TooOften { .. } => FaultKind::Limit,
            Self::Hash(_) => FaultKind::Corrupt,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Invalid { .. } => "access.invalid",
            Self::NotFound(_) => "access.not_found",
            Self::Taken { .. } => "access.taken",
            Self::State(_) => "access.state",
            Self::TooOften { .. } => "access.too_often",
            Self::Hash(_) => "access.hash",
            Self::Store(error) => error.code(),
        }
    }
}
