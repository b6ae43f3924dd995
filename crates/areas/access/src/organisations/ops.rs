//! Writes: making, renaming and moving organisations.

use kernel::Id;
use serde_json::json;
use store::{OnConstraint as _, Tx};

use super::store::{self as sql, Organisation};
use crate::{AccessError, Audited, Ctx, Right};

/// The longest code and name, characters.
const CODE_MAX: usize = 40;
const NAME_MAX: usize = 100;

/// An organisation to make.
#[derive(Debug, Clone, Copy)]
pub struct NewOrganisation<'a> {
    /// The one above it; none for the root, which the program makes once.
    pub parent: Option<Id>,
    /// 单位编码.
    pub code: &'a str,
    /// Its name in Chinese.
    pub name_zh: &'a str,
    /// Its name in English.
    pub name_en: &'a str,
}

/// Makes an organisation.
///
/// # Errors
/// [`AccessError::Denied`]; a code in use; a second root; a field that is empty or too long.
pub async fn create_organisation(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    new: NewOrganisation<'_>,
) -> Result<Id, AccessError> {
    // Only the program itself holds rights at organisation 0, above the root.
    ctx.require(Right::OrganisationManage, new.parent.unwrap_or(Id::from_i64(0)))?;
    match new.parent {
        Some(parent) => {
            sql::organisation_by_id(tx, parent)
                .await?
                .ok_or(AccessError::NotFound("organisation"))?;
        }
        None if sql::root_organisation(tx).await?.is_some() => {
            return Err(AccessError::State("there is a root organisation already"));
        }
        None => {}
    }
    let code = checked("code", new.code, CODE_MAX)?;
    let row = Organisation {
        id: tx.next_id(),
        parent: new.parent,
        code: code.to_owned(),
        name_zh: checked("name_zh", new.name_zh, NAME_MAX)?.to_owned(),
        name_en: checked("name_en", new.name_en, NAME_MAX)?.to_owned(),
        created_at: ctx.now(),
    };
    tx.insert("organisation", &row).await.on_constraint("organisation_code_key", || taken(code))?;
    sql::insert_paths(tx, row.id, row.parent).await?;
    let after = json!({"code": code, "parent": row.parent, "name_zh": row.name_zh});
    audit(ctx, tx, row.id, None, &after).await?;
    Ok(row.id)
}

/// Gives an organisation other names.
///
/// # Errors
/// [`AccessError::Denied`], [`AccessError::NotFound`], a name that is empty or too long.
pub async fn rename_organisation(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (name_zh, name_en): (&str, &str),
) -> Result<(), AccessError> {
    ctx.require(Right::OrganisationManage, org)?;
    let name_zh = checked("name_zh", name_zh, NAME_MAX)?;
    let name_en = checked("name_en", name_en, NAME_MAX)?;
    let row =
        sql::organisation_by_id(tx, org).await?.ok_or(AccessError::NotFound("organisation"))?;
    sql::set_names(tx, org, name_zh, name_en).await?;
    let before = json!({"name_zh": row.name_zh, "name_en": row.name_en});
    audit(ctx, tx, org, Some(&before), &json!({"name_zh": name_zh, "name_en": name_en})).await
}

/// Hangs an organisation, with all below it, below another. Rights follow the tree at once.
///
/// # Errors
/// [`AccessError::Denied`] unless the person manages organisations at both places;
/// [`AccessError::State`] for the root, and for a place below itself.
pub async fn move_organisation(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    parent: Id,
) -> Result<(), AccessError> {
    ctx.require(Right::OrganisationManage, org)?;
    ctx.require(Right::OrganisationManage, parent)?;
    let row =
        sql::organisation_by_id(tx, org).await?.ok_or(AccessError::NotFound("organisation"))?;
    sql::organisation_by_id(tx, parent).await?.ok_or(AccessError::NotFound("organisation"))?;
    let Some(old) = row.parent else {
        return Err(AccessError::State("the root organisation cannot be moved"));
    };
    // Whoever does not manage the place it leaves could otherwise take it away.
    ctx.require(Right::OrganisationManage, old)?;
    // Two moves side by side could make a ring.
    tx.lock("organisation_tree", Id::from_i64(0)).await?;
    if sql::is_above(tx, org, parent).await? {
        return Err(AccessError::State("an organisation cannot be below itself"));
    }
    sql::cut_paths(tx, org).await?;
    sql::join_paths(tx, org, parent).await?;
    sql::set_parent(tx, org, parent).await?;
    audit(ctx, tx, org, Some(&json!({"parent": old})), &json!({"parent": parent})).await
}

fn checked<'t>(field: &'static str, text: &'t str, most: usize) -> Result<&'t str, AccessError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most {
        return Err(AccessError::invalid(field, format!("write 1 to {most} characters")));
    }
    Ok(text)
}

fn taken(code: &str) -> AccessError {
    AccessError::Taken { what: "organisation code", value: code.to_owned() }
}

async fn audit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    before: Option<&serde_json::Value>,
    after: &serde_json::Value,
) -> Result<(), AccessError> {
    let object = format!("organisation:{org}");
    let action = Right::OrganisationManage.name();
    Ok(ctx.audit(tx, Audited { org, action, object: &object, before, after: Some(after) }).await?)
}
