//! Idempotency keys: a request that is sent twice is done once and answered twice.

use kernel::Instant;
use sha2::{Digest, Sha256};

use crate::{StoreError, Tx, hex};

/// How long an answer is kept, seconds.
const KEPT_S: i64 = 24 * 3_600;
/// Longer keys are refused.
const KEY_BYTES_MAX: usize = 255;

/// The key of one request.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyKey<'a> {
    /// Who sends it; two actors may use the same key.
    pub actor: &'a str,
    /// Method and path.
    pub route: &'a str,
    /// What the sender chose.
    pub key: &'a str,
}

/// What to do with a request that carries a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    /// It is new: do it, then call [`Tx::keep_answer`] in the same transaction.
    New,
    /// It was done: answer the same.
    Answered {
        /// The status answered then.
        status: i64,
        /// The body answered then.
        body: String,
    },
}

crate::record! {
    /// An answer kept.
    #[derive(Debug)]
    pub struct Kept {
        request_hash: String,
        status: Option<i64>,
        body: Option<String>,
        expires_at: Instant,
    }
}

crate::statements! {
    /// Forgets one key if its time is over.
    run forget_key(actor: &str, route: &str, key: &str, now: Instant) =
        "DELETE FROM idempotency WHERE actor = $1 AND route = $2 AND key = $3 AND expires_at <= $4";
    /// Claims a key; 0 when it is taken.
    run claim_key(actor: &str, route: &str, key: &str, request_hash: &str, expires_at: Instant) =
        "INSERT INTO idempotency (actor, route, key, request_hash, expires_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (actor, route, key) DO NOTHING";
    /// The answer kept under a key.
    optional kept_answer(actor: &str, route: &str, key: &str) -> Kept =
        "SELECT request_hash, status, body, expires_at FROM idempotency
         WHERE actor = $1 AND route = $2 AND key = $3";
    /// Keeps the answer.
    run set_answer(actor: &str, route: &str, key: &str, status: i64, body: &str) =
        "UPDATE idempotency SET status = $4, body = $5
         WHERE actor = $1 AND route = $2 AND key = $3";
    /// Forgets every key whose time is over.
    run forget_old_keys(now: Instant) = "DELETE FROM idempotency WHERE expires_at <= $1";
}

impl Tx {
    /// Claims the key for this request, or finds the answer given to it before. A second request
    /// that arrives while the first is at work waits for it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the key was used for another request body;
    /// [`StoreError::Limit`] for a key that is empty or longer than 255 bytes.
    pub async fn claim_key(
        &mut self,
        key: IdempotencyKey<'_>,
        request_body: &[u8],
    ) -> Result<Repeat, StoreError> {
        if key.key.is_empty() || key.key.len() > KEY_BYTES_MAX {
            return Err(StoreError::Limit(format!(
                "an idempotency key has 1 to {KEY_BYTES_MAX} bytes, not {}",
                key.key.len()
            )));
        }
        let now = self.now();
        let hash = hex(&Sha256::digest(request_body));
        forget_key(self, key.actor, key.route, key.key, now).await?;
        let expires_at = now.plus_seconds(KEPT_S);
        if claim_key(self, key.actor, key.route, key.key, &hash, expires_at).await? == 1 {
            return Ok(Repeat::New);
        }
        let kept = kept_answer(self, key.actor, key.route, key.key).await?;
        match kept {
            Some(kept) if kept.request_hash != hash => Err(StoreError::Conflict(format!(
                "the idempotency key {:?} was used for a different request",
                key.key
            ))),
            Some(Kept { status: Some(status), body: Some(body), .. }) => {
                Ok(Repeat::Answered { status, body })
            }
            // The same transaction claimed it twice, or the row went away in between.
            _ => Err(StoreError::Conflict(format!(
                "a request with the idempotency key {:?} is at work: try again",
                key.key
            ))),
        }
    }

    /// Keeps the answer to a request whose key was claimed in this transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_answer(
        &mut self,
        key: IdempotencyKey<'_>,
        status: i64,
        body: &str,
    ) -> Result<(), StoreError> {
        if set_answer(self, key.actor, key.route, key.key, status, body).await? == 1 {
            return Ok(());
        }
        Err(StoreError::NoRow { statement: "set_answer" })
    }
}
