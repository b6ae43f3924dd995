//! Writes: making and revoking keys.

use kernel::{Id, Instant};
use serde_json::json;
use store::{OnConflict, Param as _, Tx};

use super::store::{self as sql, NewTokenRow};
use crate::{AccessError, Audited, Ctx, Right, sessions::rules};

/// The start of every key, by which it is known from a session and found by secret scanners.
const PREFIX: &str = "lamplight_";
/// A key is good for two years at most.
const LONGEST_S: i64 = 2 * 366 * 24 * 3_600;

/// A key to make.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// Where it holds, with all below.
    pub org: Id,
    /// What it is for.
    pub name: &'a str,
    /// What it may do.
    pub rights: &'a [Right],
    /// Until when it is good.
    pub expires_at: Instant,
}

/// A key just made, shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// Its id.
    pub id: Id,
    /// What the program sends as `Authorization: Bearer …`.
    pub token: String,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Whether a text has the form of a key, rather than of a session's token.
#[must_use]
pub fn is_program_token(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// Makes a key.
///
/// # Errors
/// [`AccessError::Denied`], also for a right that the person does not hold there; a name that is
/// empty; no rights; an end that has passed or is more than two years away.
pub async fn create_token(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    new: NewToken<'_>,
) -> Result<IssuedToken, AccessError> {
    ctx.require(Right::TokenManage, new.org)?;
    for right in new.rights {
        ctx.require(*right, new.org)?;
    }
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(AccessError::invalid("name", "write 1 to 100 characters"));
    }
    if new.rights.is_empty() {
        return Err(AccessError::invalid("rights", "choose at least one right"));
    }
    if new.rights.contains(&Right::TokenManage) {
        return Err(AccessError::invalid("rights", "a key cannot make keys"));
    }
    let now = ctx.now();
    if new.expires_at <= now || new.expires_at > now.plus_seconds(LONGEST_S) {
        return Err(AccessError::invalid("expires_at", "choose a day within the next two years"));
    }
    let token = format!("{PREFIX}{}", rules::new_token(ctx.random));
    let row = NewTokenRow {
        id: tx.next_id(),
        org: new.org,
        name: name.to_owned(),
        token_hash: rules::token_hash(&token),
        created_by: ctx.actor_name().to_owned(),
        created_at: now,
        expires_at: new.expires_at,
    };
    tx.insert("api_token", &row).await?;
    let rights: Vec<String> = new.rights.iter().map(|r| r.name().to_owned()).collect();
    let rows = rights.iter().map(|name| [row.id.value(), name.value()]);
    tx.insert_rows("api_token_right", &["token", "right_name"], rows, OnConflict::Keep).await?;
    let after = json!({"name": name, "rights": rights});
    audit(ctx, tx, (row.id, row.org), &after).await?;
    Ok(IssuedToken { id: row.id, token })
}

/// Revokes a key, from the next request on.
///
/// # Errors
/// [`AccessError::Denied`], [`AccessError::NotFound`], [`AccessError::State`] when it is already.
pub async fn revoke_token(ctx: &Ctx<'_>, tx: &mut Tx, id: Id) -> Result<(), AccessError> {
    let token = sql::token_by_id(tx, id).await?.ok_or(AccessError::NotFound("key"))?;
    ctx.require(Right::TokenManage, token.org)?;
    if sql::revoke(tx, id, ctx.now()).await? == 0 {
        return Err(AccessError::State("this key is revoked already"));
    }
    audit(ctx, tx, (id, token.org), &json!({"revoked": true})).await
}

async fn audit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (id, org): (Id, Id),
    after: &serde_json::Value,
) -> Result<(), AccessError> {
    let done = Audited {
        org,
        action: Right::TokenManage.name(),
        object: &format!("token:{id}"),
        before: None,
        after: Some(after),
    };
    Ok(ctx.audit(tx, done).await?)
}
