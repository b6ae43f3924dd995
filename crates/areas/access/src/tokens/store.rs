//! The SQL of keys for programs.

use kernel::{Id, Instant};

store::record! {
    /// A key as the list shows it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ApiToken {
        /// Its id.
        pub id: Id,
        /// Where it holds, with all below.
        pub org: Id,
        /// What it is for.
        pub name: String,
        /// Who made it.
        pub created_by: String,
        /// When.
        pub created_at: Instant,
        /// Until when it is good.
        pub expires_at: Instant,
        /// When it was revoked.
        pub revoked_at: Option<Instant>,
    }

    /// A key as it is made.
    #[derive(Debug, Clone)]
    pub(crate) struct NewTokenRow {
        pub id: Id,
        pub org: Id,
        pub name: String,
        pub token_hash: String,
        pub created_by: String,
        pub created_at: Instant,
        pub expires_at: Instant,
    }
}

store::statements! {
    /// The key with this hash.
    optional token_by_hash(token_hash: &str) -> ApiToken =
        "SELECT id, org, name, created_by, created_at, expires_at, revoked_at
         FROM api_token WHERE token_hash = $1";
    /// One key.
    optional token_by_id(id: Id) -> ApiToken =
        "SELECT id, org, name, created_by, created_at, expires_at, revoked_at
         FROM api_token WHERE id = $1";
    /// The keys of an organisation and all below it, newest first.
    all tokens_of(org: Id) -> ApiToken =
        "SELECT t.id, t.org, t.name, t.created_by, t.created_at, t.expires_at, t.revoked_at
         FROM api_token t JOIN organisation_path p ON p.descendant = t.org
         WHERE p.ancestor = $1 ORDER BY t.id DESC";
    /// What a key may do.
    all rights_of_token(id: Id) -> String =
        "SELECT right_name FROM api_token_right WHERE token = $1 ORDER BY right_name";
    /// Where a key holds.
    all organisations_of_token(id: Id) -> Id =
        "SELECT p.descendant FROM api_token t JOIN organisation_path p ON p.ancestor = t.org
         WHERE t.id = $1";
    /// Revokes a key; 0 when it was revoked already.
    run revoke(id: Id, now: Instant) =
        "UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
}
