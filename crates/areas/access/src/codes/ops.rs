//! Signing customers in with a one-time code. This area makes the code; sending it to the phone
//! on file is somebody else's work.

use kernel::{Id, Instant};
use store::Tx;

use super::{
    rules::{self, CODE_S, CODE_TRIES, CODES_LONG, CODES_SHORT},
    store::{self as sql, CodeRow},
};
use crate::{AccessError, Ctx, sessions};

/// A code just made. It is handed to whoever sends it, and kept nowhere in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedCode {
    /// What the form sends back beside the code.
    pub ticket: Id,
    /// Six digits.
    pub code: String,
    /// When it dies.
    pub expires_at: Instant,
}

impl std::fmt::Debug for IssuedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedCode").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// Makes a code for an account, which kills the account's earlier ones. The door answers the same
/// whether or not the account exists.
///
/// # Errors
/// [`AccessError::TooOften`] after three codes in ten minutes or ten in a day.
pub async fn request_code(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    account: Id,
) -> Result<IssuedCode, AccessError> {
    let now = ctx.now();
    // Requests side by side must not pass the limits together.
    tx.lock("one_time_code", account).await?;
    for (most, within_s) in [CODES_SHORT, CODES_LONG] {
        if sql::codes_since(tx, account, now.plus_seconds(-within_s)).await? >= most {
            return Err(AccessError::TooOften { until: now.plus_seconds(within_s) });
        }
    }
    sql::kill_codes(tx, account).await?;
    let (ticket, code) = (tx.next_id(), ctx.random.six_digits());
    let row = CodeRow {
        id: ticket,
        account,
        org,
        code_hash: rules::code_hash(ticket, &code),
        created_at: now,
        expires_at: now.plus_seconds(CODE_S),
        tries: 0,
        used: false,
    };
    tx.insert("one_time_code", &row).await?;
    Ok(IssuedCode { ticket, code, expires_at: row.expires_at })
}

/// Signs a customer in with ticket and code; `None` when they do not match or the code is dead.
/// The door commits in both cases: a failed try counts.
///
/// # Errors
/// [`AccessError::Store`].
pub async fn sign_in_with_code(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    ticket: Id,
    code: &str,
    origin: &str,
) -> Result<Option<sessions::NewSession>, AccessError> {
    let now = ctx.now();
    if sql::count_try(tx, ticket, CODE_TRIES, now).await? == 0 {
        return Ok(None);
    }
    let Some(row) = sql::code(tx, ticket).await? else { return Ok(None) };
    let object = format!("customer:{}", row.account);
    let fits = row.code_hash == rules::code_hash(ticket, code.trim());
    if !fits || sql::use_code(tx, ticket).await? == 0 {
        sessions::ops::audit(ctx, tx, row.org, &object, false).await?;
        return Ok(None);
    }
    let session = sessions::ops::open_for_customer(ctx, tx, (row.account, row.org), origin).await?;
    sessions::ops::audit(ctx, tx, row.org, &object, true).await?;
    Ok(Some(session))
}
