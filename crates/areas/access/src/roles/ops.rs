//! Writes: default roles, what a role may do, who holds it. Nobody can give what they do not hold.

use kernel::Id;
use serde_json::json;
use store::{OnConflict, OnConstraint as _, Param as _, Tx};

use super::{
    model::{DEFAULT_ROLES, Right},
    store as sql,
};
use crate::{AccessError, Audited, Ctx};

/// Makes the default roles that do not exist yet. A role that exists keeps what an administrator
/// has made of it. Called at every start.
///
/// # Errors
/// [`AccessError::Store`].
pub async fn ensure_default_roles(tx: &mut Tx) -> Result<(), AccessError> {
    for role in DEFAULT_ROLES {
        if sql::role_by_code(tx, role.code).await?.is_some() {
            continue;
        }
        let row = sql::Role {
            id: tx.next_id(),
            code: role.code.to_owned(),
            name_zh: role.name_zh.to_owned(),
            name_en: role.name_en.to_owned(),
        };
        tx.insert("role", &row).await?;
        write_rights(tx, row.id, role.rights).await?;
    }
    Ok(())
}

/// A role to make or change.
#[derive(Debug, Clone, Copy)]
pub struct EditRole<'a> {
    /// The stable code.
    pub code: &'a str,
    /// Its name in Chinese.
    pub name_zh: &'a str,
    /// Its name in English.
    pub name_en: &'a str,
    /// All that it may do.
    pub rights: &'a [Right],
}

/// Makes a role or changes what an existing one may do. It takes the right to manage roles at the
/// top of the tree, because a role holds everywhere that it is granted.
///
/// # Errors
/// [`AccessError::Denied`], also for a right that the person does not hold; a code or a name that
/// is empty.
pub async fn save_role(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    top: Id,
    edit: EditRole<'_>,
) -> Result<Id, AccessError> {
    ctx.require(Right::RoleManage, top)?;
    for right in edit.rights {
        ctx.require(*right, top)?;
    }
    let code_fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if edit.code.is_empty() || edit.code.len() > 40 || !edit.code.chars().all(code_fits) {
        return Err(AccessError::invalid(
            "code",
            "write lower-case letters, digits and _, at most 40",
        ));
    }
    if edit.name_zh.trim().is_empty() || edit.name_en.trim().is_empty() {
        return Err(AccessError::invalid("name", "write a name in both languages"));
    }
    let existing = sql::role_by_code(tx, edit.code).await?;
    let (role, before) = match existing {
        Some(role) => {
            let before = sql::rights_of_role(tx, role.id).await?;
            sql::clear_rights(tx, role.id).await?;
            (role.id, json!(before))
        }
        None => {
            let row = sql::Role {
                id: tx.next_id(),
                code: edit.code.to_owned(),
                name_zh: edit.name_zh.trim().to_owned(),
                name_en: edit.name_en.trim().to_owned(),
            };
            tx.insert("role", &row).await?;
            (row.id, serde_json::Value::Null)
        }
    };
    write_rights(tx, role, edit.rights).await?;
    let after = json!(edit.rights.iter().map(|r| r.name()).collect::<Vec<_>>());
    ctx.audit(
        tx,
        Audited {
            org: top,
            action: "role.manage",
            object: &format!("role:{role}"),
            before: Some(&before),
            after: Some(&after),
        },
    )
    .await?;
    Ok(role)
}

async fn write_rights(tx: &mut Tx, role: Id, rights: &[Right]) -> Result<(), AccessError> {
    let rows: Vec<_> = rights.iter().map(|right| (role, right.name().to_owned())).collect();
    let rows = rows.iter().map(|(role, name)| [role.value(), name.value()]);
    tx.insert_rows("role_right", &["role", "right_name"], rows, OnConflict::Keep).await?;
    Ok(())
}

/// A role for a member of staff, at an organisation and all below it.
#[derive(Debug, Clone, Copy)]
pub struct GrantRole {
    /// Who.
    pub staff: Id,
    /// Which role.
    pub role: Id,
    /// Where.
    pub org: Id,
}

/// Gives a role. The giver must manage users there, at the user's own organisation too, and hold
/// every right of the role there: nobody rises by giving.
///
/// # Errors
/// [`AccessError::Denied`]; an unknown role or user; a grant that exists.
pub async fn grant_role(ctx: &Ctx<'_>, tx: &mut Tx, grant: GrantRole) -> Result<(), AccessError> {
    check_grant(ctx, tx, grant).await?;
    let row = sql::Grant {
        staff: grant.staff,
        role: grant.role,
        org: grant.org,
        granted_at: ctx.now(),
        granted_by: ctx.actor_name().to_owned(),
    };
    tx.insert("role_grant", &row).await.on_constraint("role_grant_pkey", || {
        AccessError::State("this person holds this role there already")
    })?;
    audit_grant(ctx, tx, grant, true).await
}

/// Takes a role away.
///
/// # Errors
/// [`AccessError::Denied`]; [`AccessError::NotFound`] when it is not held.
pub async fn revoke_role(ctx: &Ctx<'_>, tx: &mut Tx, grant: GrantRole) -> Result<(), AccessError> {
    check_grant(ctx, tx, grant).await?;
    if sql::delete_grant(tx, grant.staff, grant.role, grant.org).await? == 0 {
        return Err(AccessError::NotFound("grant"));
    }
    audit_grant(ctx, tx, grant, false).await
}

async fn check_grant(ctx: &Ctx<'_>, tx: &mut Tx, grant: GrantRole) -> Result<(), AccessError> {
    let staff = crate::users::store::staff_by_id(tx, grant.staff)
        .await?
        .ok_or(AccessError::NotFound("user"))?;
    ctx.require(Right::UserManage, staff.org)?;
    ctx.require(Right::UserManage, grant.org)?;
    sql::role_by_id(tx, grant.role).await?.ok_or(AccessError::NotFound("role"))?;
    for name in sql::rights_of_role(tx, grant.role).await? {
        // A name that this program does not know gives nobody anything.
        if let Some(right) = Right::from_name(&name) {
            ctx.require(right, grant.org)?;
        }
    }
    Ok(())
}

async fn audit_grant(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    grant: GrantRole,
    given: bool,
) -> Result<(), AccessError> {
    let what = json!({"role": grant.role, "org": grant.org});
    let (before, after) = if given { (None, Some(&what)) } else { (Some(&what), None) };
    let object = format!("user:{}", grant.staff);
    let done = Audited { org: grant.org, action: "user.manage", object: &object, before, after };
    Ok(ctx.audit(tx, done).await?)
}
