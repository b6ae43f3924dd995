//! How long sessions last, and how tokens are made and hashed.

use kernel::Instant;
use sha2::{Digest, Sha256};

use super::model::SessionRow;
use crate::Randomness;

/// A session of staff ends after half an hour without use, and after a working day.
pub(super) const STAFF_IDLE_S: i64 = 30 * 60;
pub(super) const STAFF_S: i64 = 12 * 3_600;
/// A customer's phone stays signed in for a week if used daily, and for a month at most.
pub(super) const PORTAL_IDLE_S: i64 = 7 * 24 * 3_600;
pub(super) const PORTAL_S: i64 = 30 * 24 * 3_600;
/// The last use is written at most this often.
pub(super) const SEEN_S: i64 = 5 * 60;

/// A new token: 32 random bytes in hexadecimal.
pub(crate) fn new_token(random: &Randomness) -> String {
    hex(&random.bytes::<32>())
}

/// What of a token is kept. A token is random, so no salt and no slow hash is needed.
pub(crate) fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// The secret that every form of a session carries: only who knows the token can compute it.
#[must_use]
pub fn csrf_secret(token: &str) -> String {
    hex(&Sha256::digest(format!("csrf:{token}").as_bytes()))
}

/// Whether a form carries the secret of this session. The comparison is of hashes, so that its
/// time tells nothing.
#[must_use]
pub fn is_csrf_secret(token: &str, sent: &str) -> bool {
    Sha256::digest(csrf_secret(token).as_bytes()) == Sha256::digest(sent.as_bytes())
}

/// Whether a session still stands.
pub(super) fn stands(session: &SessionRow, now: Instant) -> bool {
    let idle_s = if session.staff.is_some() { STAFF_IDLE_S } else { PORTAL_IDLE_S };
    now < session.expires_at && now < session.seen_at.plus_seconds(idle_s)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_their_secrets_follow_from_them() {
        let random = Randomness::from_number(1);
        let (a, b) = (new_token(&random), new_token(&random));
        assert!(a != b && a.len() == 64 && token_hash(&a) != a);
        assert!(is_csrf_secret(&a, &csrf_secret(&a)));
        assert!(!is_csrf_secret(&a, &csrf_secret(&b)) && !is_csrf_secret(&a, ""));
        assert!(!is_csrf_secret(&a, &token_hash(&a)), "what is stored must not do as the secret");
    }
}
