//! The SQL of one-time codes.

use kernel::{Id, Instant};

store::record! {
    /// A one-time code as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct CodeRow {
        pub id: Id,
        pub account: Id,
        pub org: Id,
        pub code_hash: String,
        pub created_at: Instant,
        pub expires_at: Instant,
        pub tries: i64,
        pub used: bool,
    }
}

store::statements! {
    /// How many codes an account was given since an instant.
    one codes_since(account: Id, since: Instant) -> i64 =
        "SELECT COUNT(*) FROM one_time_code WHERE account = $1 AND created_at > $2";
    /// One code.
    optional code(id: Id) -> CodeRow =
        "SELECT id, account, org, code_hash, created_at, expires_at, tries, used
         FROM one_time_code WHERE id = $1";
    /// Kills the codes of an account that are still alive.
    run kill_codes(account: Id) =
        "UPDATE one_time_code SET used = TRUE WHERE account = $1 AND used = FALSE";
    /// Counts a try of a code that is alive; 0 when it is dead.
    run count_try(id: Id, limit: i64, now: Instant) =
        "UPDATE one_time_code SET tries = tries + 1
         WHERE id = $1 AND used = FALSE AND tries < $2 AND expires_at > $3";
    /// Uses a code up; 0 when another request has.
    run use_code(id: Id) =
        "UPDATE one_time_code SET used = TRUE WHERE id = $1 AND used = FALSE";
    /// Forgets codes that no limit counts any more.
    run forget_codes(before: Instant) = "DELETE FROM one_time_code WHERE created_at < $1";
}
