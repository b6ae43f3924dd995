//! The SQL of sessions.

use kernel::{Id, Instant};

use super::model::{SessionInfo, SessionRow};

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
}
