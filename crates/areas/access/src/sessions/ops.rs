//! Writes: signing staff in, signing out, forgetting what has ended.

use kernel::Id;
use store::{AuditEntry, Db, Tx, Verdict};

use super::{
    model::{NewSession, SessionRow},
    rules, store as sql,
};
use crate::{
    AccessError, Ctx, Password, Right, codes,
    users::{
        rules as passwords,
        store::{self as staff_sql, Staff},
    },
};

/// A sign-in of staff.
#[derive(Debug, Clone)]
pub struct SignIn<'a> {
    /// As typed.
    pub login: &'a str,
    /// As typed.
    pub password: Password,
    /// Where from: address and browser, as the door saw them.
    pub origin: &'a str,
}

/// A hash that belongs to no password, so that an unknown name takes as long as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$\
    AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Signs a member of staff in; `None` when name and password do not match, or the login is
/// disabled or locked, which are not told apart. This operation is given the database instead of
/// a transaction: the hash takes tens of milliseconds, during which no other writer may wait, and
/// a failure must be counted although nothing is opened.
///
/// # Errors
/// [`AccessError::Store`], [`AccessError::Hash`].
pub async fn sign_in(
    ctx: &Ctx<'_>,
    db: &Db,
    attempt: SignIn<'_>,
) -> Result<Option<NewSession>, AccessError> {
    let login = passwords::normal_login(attempt.login).ok();
    let staff = match &login {
        Some(login) => {
            let mut tx = db.read().await?;
            staff_sql::staff_by_login(&mut tx, login).await?
        }
        None => None,
    };
    let hash = staff.as_ref().map_or_else(|| NOBODY.to_owned(), |s| s.password_hash.clone());
    let password = attempt.password.clone();
    let matches = tokio::task::spawn_blocking(move || passwords::matches(&password, &hash))
        .await
        .map_err(|error| AccessError::Hash(error.to_string()))??;

    let mut tx = db.begin().await?;
    let Some(staff) = staff else {
        audit(ctx, &mut tx, Id::from_i64(0), "login:unknown", false).await?;
        tx.commit().await?;
        return Ok(None);
    };
    let object = format!("user:{}", staff.id);
    let now = ctx.now();
    let opened = matches
        && staff_sql::note_sign_in(&mut tx, staff.id, &staff.password_hash, now).await? == 1;
    if !opened {
        if staff.locked_until <= now && !matches {
            let until = now.plus_seconds(passwords::LOCKED_S);
            staff_sql::count_failure(&mut tx, staff.id, passwords::TRIES_MAX, until).await?;
        }
        audit(ctx, &mut tx, staff.org, &object, false).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let session = open_for_staff(ctx, &mut tx, &staff, attempt.origin).await?;
    audit(ctx, &mut tx, staff.org, &object, true).await?;
    tx.commit().await?;
    Ok(Some(session))
}

async fn open_for_staff(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    staff: &Staff,
    origin: &str,
) -> Result<NewSession, AccessError> {
    let session = open(ctx, tx, (Some(staff.id), None, staff.org), origin).await?;
    Ok(NewSession { must_change: staff.must_change, ..session })
}

/// Opens a session for the customer of an account.
pub(crate) async fn open_for_customer(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (account, org): (Id, Id),
    origin: &str,
) -> Result<NewSession, AccessError> {
    open(ctx, tx, (None, Some(account), org), origin).await
}

async fn open(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (staff, account, org): (Option<Id>, Option<Id>, Id),
    origin: &str,
) -> Result<NewSession, AccessError> {
    let token = rules::new_token(ctx.random);
    let now = ctx.now();
    let lasts_s = if staff.is_some() { rules::STAFF_S } else { rules::PORTAL_S };
    let row = SessionRow {
        token_hash: rules::token_hash(&token),
        staff,
        account,
        org,
        created_at: now,
        seen_at: now,
        expires_at: now.plus_seconds(lasts_s),
        origin: origin.chars().take(200).collect(),
    };
    tx.insert("session", &row).await?;
    Ok(NewSession { token, expires_at: row.expires_at, must_change: false })
}

/// Ends a session. Whoever has the token may.
///
/// # Errors
/// [`AccessError::Store`].
pub async fn sign_out(tx: &mut Tx, token: &str) -> Result<(), AccessError> {
    sql::end_session(tx, &rules::token_hash(token)).await?;
    Ok(())
}

/// Ends every session of a person: their own, or anybody's by who manages users there.
///
/// # Errors
/// [`AccessError::Denied`], [`AccessError::NotFound`].
pub async fn sign_out_everywhere(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    staff: Id,
) -> Result<u64, AccessError> {
    if let Some(account) = ctx.actor.account() {
        return Ok(sql::end_all_of_account(tx, account).await?);
    }
    let person = staff_sql::staff_by_id(tx, staff).await?.ok_or(AccessError::NotFound("user"))?;
    if ctx.actor.staff_id() != Some(staff) {
        ctx.require(Right::UserManage, person.org)?;
    }
    Ok(sql::end_all_of_staff(tx, staff).await?)
}

/// Forgets sessions and codes that have ended; the worker calls it now and then. How many sessions.
///
/// # Errors
/// [`AccessError::Store`].
pub async fn end_expired(tx: &mut Tx) -> Result<u64, AccessError> {
    let now = tx.now();
    codes::store::forget_codes(tx, now.plus_seconds(-codes::rules::CODES_LONG.1)).await?;
    let staff_idle = now.plus_seconds(-rules::STAFF_IDLE_S);
    let portal_idle = now.plus_seconds(-rules::PORTAL_IDLE_S);
    Ok(sql::forget_sessions(tx, now, staff_idle, portal_idle).await?)
}

pub(crate) async fn audit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    object: &str,
    opened: bool,
) -> Result<(), AccessError> {
    tx.audit(AuditEntry {
        org,
        actor: ctx.actor_name(),
        action: "session.open",
        object,
        purpose: None,
        outcome: if opened { Verdict::Allowed } else { Verdict::Refused },
        before: None,
        after: None,
        request: ctx.request,
    })
    .await?;
    Ok(())
}
