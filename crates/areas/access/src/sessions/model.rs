//! The types: a session just opened, a session as listed, someone recognised by their token.

use kernel::{Id, Instant};

use crate::Actor;

/// A session just opened. The token is shown once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// What the cookie holds.
    pub token: String,
    /// When it ends at the latest.
    pub expires_at: Instant,
    /// Whether a new password must be chosen first.
    pub must_change: bool,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Someone recognised by the token of their session or program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who, with their rights.
    pub actor: Actor,
    /// Their name; of a customer, empty, since the registry knows it.
    pub name: String,
    /// What they sign in with; of a program, the name of its key.
    pub login: String,
    /// Whether a new password must be chosen first; they hold no right until then.
    pub must_change: bool,
    /// When the session ends at the latest.
    pub expires_at: Instant,
}

store::record! {
    /// A session as its owner sees it in the list of sessions.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SessionInfo {
        /// When it was opened.
        pub created_at: Instant,
        /// When it was last used, to about five minutes.
        pub seen_at: Instant,
        /// When it ends at the latest.
        pub expires_at: Instant,
        /// Where from: address and browser, as the door saw them.
        pub origin: String,
    }

    /// A session as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct SessionRow {
        pub token_hash: String,
        pub staff: Option<Id>,
        pub account: Option<Id>,
        pub org: Id,
        pub created_at: Instant,
        pub seen_at: Instant,
        pub expires_at: Instant,
        pub origin: String,
    }
}
