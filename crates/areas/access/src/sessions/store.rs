//! The SQL of sessions and one-time codes.

use kernel::{Id, Instant};

use super::model::{CodeRow, SessionInfo, SessionRow};

store::statements! {
    /// The session with this hash.
    optional session(token_hash: &str) -> SessionRow =
        "SELECT token_hash, staff, account, org, created_at, seen_at, expires_at, origin
         FROM session WHERE token_hash = $1";
    /// The open sessions of a member of staff, the last used first.
    all sessions_of_staff(staff: Id) -> SessionInfo =
        "SELECT created_at, seen_at, expires_at, origin FROM session
         WHERE staff = $1 ORDER BY seen_at DESC";
    /// Notes that a session is in use.
    run touch_session(token_hash: &str, now: Instant) =
        "UPDATE session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2";
    /// Ends a session.
    run end_session(token_hash: &str) = "DELETE FROM session WHERE token_hash = $1";
    /// Ends every session of a member of staff.
    run end_all_of_staff(staff: Id) = "DELETE FROM session WHERE staff = $1";
    /// Ends every session of an account.
    run end_all_of_account(account: Id) = "DELETE FROM session WHERE account = $1";
    /// Forgets sessions that have ended by time, idle ones included.
    run forget_sessions(now: Instant, staff_idle_since: Instant, portal_idle_since: Instant) =
        "DELETE FROM session WHERE expires_at <= $1
            OR (staff IS NOT NULL AND seen_at <= $2) OR (account IS NOT NULL AND seen_at <= $3)";
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
