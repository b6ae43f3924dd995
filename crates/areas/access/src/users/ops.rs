//! Writes: making, disabling and enabling members of staff, and their passwords.

use kernel::Id;
use serde_json::json;
use store::{OnConstraint as _, Tx};

use super::{
    model::{NewStaff, Password},
    rules,
    store::{self as sql, Staff},
};
use crate::{AccessError, Audited, Ctx, Right, sessions};

/// Makes a member of staff. They can do nothing until they are given a role.
///
/// # Errors
/// [`AccessError::Denied`]; a login in use; a weak password; a field that is empty or too long.
pub async fn create_staff(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    new: NewStaff<'_>,
) -> Result<Id, AccessError> {
    ctx.require(Right::UserManage, new.org)?;
    let login = rules::normal_login(new.login)?;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(AccessError::invalid("name", "write 1 to 100 characters"));
    }
    rules::check_password(&new.password, &login)?;
    let row = Staff {
        id: tx.next_id(),
        org: new.org,
        login: login.clone(),
        name: name.to_owned(),
        password_hash: rules::hash(&new.password, ctx.random.bytes())?,
        must_change: new.must_change,
        disabled: false,
        failures: 0,
        locked_until: kernel::Instant::from_micros(0),
        password_at: ctx.now(),
        signed_in_at: None,
        created_at: ctx.now(),
    };
    tx.insert("staff", &row).await.on_constraint("staff_login_key", || AccessError::Taken {
        what: "login",
        value: login.clone(),
    })?;
    audit(ctx, tx, &row, "created").await?;
    Ok(row.id)
}

/// Lets someone sign in no more, and ends their sessions.
///
/// # Errors
/// [`AccessError::Denied`], [`AccessError::NotFound`], [`AccessError::State`] for oneself.
pub async fn disable_staff(ctx: &Ctx<'_>, tx: &mut Tx, id: Id) -> Result<(), AccessError> {
    let staff = managed(ctx, tx, id).await?;
    if ctx.actor.staff_id() == Some(id) {
        return Err(AccessError::State("nobody can disable themselves; ask another administrator"));
    }
    sql::set_disabled(tx, id, true).await?;
    sessions::store::end_all_of_staff(tx, id).await?;
    audit(ctx, tx, &staff, "disabled").await
}

/// Lets someone sign in again; a lock is lifted too.
///
/// # Errors
/// [`AccessError::Denied`], [`AccessError::NotFound`].
pub async fn enable_staff(ctx: &Ctx<'_>, tx: &mut Tx, id: Id) -> Result<(), AccessError> {
    let staff = managed(ctx, tx, id).await?;
    sql::set_disabled(tx, id, false).await?;
    audit(ctx, tx, &staff, "enabled").await
}

/// Gives someone a new password that they must change at once, and ends their sessions. Since it
/// gives the use of their rights, the administrator must hold all of those.
///
/// # Errors
/// [`AccessError::Denied`], [`AccessError::NotFound`], a weak password.
pub async fn reset_password(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    id: Id,
    password: Password,
) -> Result<(), AccessError> {
    let staff = managed(ctx, tx, id).await?;
    for (name, org) in crate::roles::store::rights_of_staff(tx, id).await? {
        if let Some(right) = Right::from_name(&name) {
            ctx.require(right, org)?;
        }
    }
    rules::check_password(&password, &staff.login)?;
    let hash = rules::hash(&password, ctx.random.bytes())?;
    sql::set_password(tx, id, &hash, true, ctx.now()).await?;
    sessions::store::end_all_of_staff(tx, id).await?;
    audit(ctx, tx, &staff, "password reset").await
}

/// Changes one's own password. It ends every session, so the door signs the person in again.
///
/// # Errors
/// [`AccessError::Invalid`] when the present password is wrong or the new one weak or the same.
pub async fn change_password(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    present: Password,
    chosen: Password,
) -> Result<(), AccessError> {
    let id = ctx.actor.staff_id().ok_or(AccessError::NotFound("user"))?;
    let staff = sql::staff_by_id(tx, id).await?.ok_or(AccessError::NotFound("user"))?;
    if !rules::matches(&present, &staff.password_hash)? {
        return Err(AccessError::invalid("present", "this is not your present password"));
    }
    rules::check_password(&chosen, &staff.login)?;
    if rules::matches(&chosen, &staff.password_hash)? {
        return Err(AccessError::invalid("password", "choose another than the present one"));
    }
    let hash = rules::hash(&chosen, ctx.random.bytes())?;
    sql::set_password(tx, staff.id, &hash, false, ctx.now()).await?;
    sessions::store::end_all_of_staff(tx, staff.id).await?;
    audit(ctx, tx, &staff, "password changed").await
}

async fn managed(ctx: &Ctx<'_>, tx: &mut Tx, id: Id) -> Result<Staff, AccessError> {
    let staff = sql::staff_by_id(tx, id).await?.ok_or(AccessError::NotFound("user"))?;
    ctx.require(Right::UserManage, staff.org)?;
    Ok(staff)
}

async fn audit(ctx: &Ctx<'_>, tx: &mut Tx, staff: &Staff, what: &str) -> Result<(), AccessError> {
    let after = json!({"what": what, "login": staff.login});
    let done = Audited {
        org: staff.org,
        action: Right::UserManage.name(),
        object: &format!("user:{}", staff.id),
        before: None,
        after: Some(&after),
    };
    Ok(ctx.audit(tx, done).await?)
}
