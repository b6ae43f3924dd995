//! What is done to a person's data: name, identities, contact points, consent. Each operation
//! checks the right, keeps the search in line, and leaves a fact and an audit entry.

pub mod merge;

use access::{Ctx, Right};
use kernel::Id;
use serde_json::json;
use store::{OnConstraint, Tx};

use super::{
    model::{ContactForm, IdentityForm, contact_json, masked_identity},
    store::{self as sql, Consent, ContactPoint, Person},
};
use crate::{
    FieldError, RegistryError, search,
    trace::Change,
    words::{mask, normal},
};

/// Corrects or changes a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeName {
    /// The organisation.
    pub org: Id,
    /// Whose.
    pub person: Id,
    /// The version that the change was decided on.
    pub version: i64,
    /// The new name.
    pub name: String,
}

/// Adds something by which a person is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddIdentity {
    /// The organisation.
    pub org: Id,
    /// Whose.
    pub person: Id,
    /// What.
    pub form: IdentityForm,
    /// Whether it was proved just now (document seen, code returned).
    pub verified: bool,
}

/// Adds a contact point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddContact {
    /// The organisation.
    pub org: Id,
    /// Whose.
    pub person: Id,
    /// How.
    pub form: ContactForm,
}

/// Changes a contact point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeContact {
    /// The organisation.
    pub org: Id,
    /// Which one.
    pub contact: Id,
    /// The version that the change was decided on.
    pub version: i64,
    /// How from now on.
    pub form: ContactForm,
}

/// Removes a contact point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveContact {
    /// The organisation.
    pub org: Id,
    /// Which one.
    pub contact: Id,
    /// The version that the removal was decided on.
    pub version: i64,
}

/// Gives or withdraws a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeConsent {
    /// The organisation.
    pub org: Id,
    /// Who agrees.
    pub person: Id,
    /// To what: `marketing`, `usage_analysis`, …
    pub purpose: String,
    /// How the company knows: a form, a call, the portal.
    pub source: String,
}

/// The person, who must exist and not be merged into another.
pub(super) async fn present(tx: &mut Tx, org: Id, id: Id) -> Result<Person, RegistryError> {
    let person = sql::person_by_id(tx, org, id)
        .await?
        .ok_or_else(|| RegistryError::not_found("person", id))?;
    match person.merged_into {
        None => Ok(person),
        Some(other) => Err(RegistryError::State(format!(
            "person {id} is merged into person {other}: change that one, or unmerge them first"
        ))),
    }
}

fn invalid(field: &'static str, error: normal::FormatError) -> RegistryError {
    RegistryError::Invalid(vec![FieldError { field, message: error.to_string() }])
}

fn changed_once(rows: u64, what: &'static str, id: Id) -> Result<(), RegistryError> {
    if rows == 1 { Ok(()) } else { Err(RegistryError::Changed { what, id }) }
}

/// Changes a name; search finds the person by the new one only.
///
/// # Errors
/// Denied, not found, merged, changed meanwhile, or not a name.
pub async fn change_name(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: ChangeName,
) -> Result<(), RegistryError> {
    let ChangeName { org, person, version, name } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let name = normal::line(&name, 100).map_err(|e| invalid("name", e))?;
    let old = present(tx, org, person).await?;
    let new = Person::new(person, org, old.kind, &name, old.created_at);
    search::refresh_person(tx, org, &[person], async |tx: &mut Tx| {
        let (pinyin, initials) = (&new.name_pinyin, &new.name_initials);
        let rows = sql::update_name(tx, person, version, &new.name, pinyin, initials).await?;
        changed_once(rows, "person", person)
    })
    .await?;
    let before = json!({ "name": mask::name(old.kind, &old.name) });
    let after = json!({ "name": mask::name(old.kind, &new.name) });
    let change = Change::new(org, "registry.name_changed", "person", person, after.clone());
    Change { before: Some(&before), after: Some(&after), ..change }.write(ctx, tx).await?;
    Ok(())
}

/// Adds an identity; the same one again only proves it.
///
/// # Errors
/// Denied, not found, merged, or not in the form of its scheme.
pub async fn add_identity(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: AddIdentity,
) -> Result<Id, RegistryError> {
    let AddIdentity { org, person, form, verified } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let (scheme, value) = form.parse().map_err(RegistryError::Invalid)?;
    present(tx, org, person).await?;
    let (now, id) = (tx.now(), tx.next_id());
    let verified_at = verified.then_some(now);
    let id = sql::add_identity(tx, id, org, person, scheme, &value, verified_at, now).await?;
    let payload =
        json!({ "identity": id, "scheme": scheme, "value": masked_identity(scheme, &value) });
    Change::new(org, "registry.identity_added", "person", person, payload).write(ctx, tx).await?;
    Ok(id)
}

/// Adds a contact point.
///
/// # Errors
/// Denied, not found, merged, wrong fields, or the person has it already.
pub async fn add_contact(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: AddContact,
) -> Result<Id, RegistryError> {
    let AddContact { org, person, form } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let contact = form.parse().map_err(RegistryError::Invalid)?;
    present(tx, org, person).await?;
    let row = ContactPoint {
        id: tx.next_id(),
        org,
        person,
        channel: contact.channel,
        value: contact.value,
        role: contact.role,
        verified_at: None,
        preferred: contact.preferred,
        bounce_count: 0,
        created_at: tx.now(),
        version: 1,
    };
    search::refresh_person(tx, org, &[person], async |tx: &mut Tx| {
        tx.insert("contact_point", &row).await.on_constraint(CONTACT_KEY, || taken(&row))
    })
    .await?;
    let after = contact_json(&row);
    Change::new(org, "registry.contact_added", "person", person, after).write(ctx, tx).await?;
    Ok(row.id)
}

const CONTACT_KEY: &str = "contact_point_person_channel_value_role_key";

fn taken(row: &ContactPoint) -> RegistryError {
    RegistryError::Taken {
        what: "contact point",
        value: super::model::masked_contact(row.channel, &row.value),
        hint: "the person has it already; change that one",
    }
}

/// Changes a contact point. A new value counts as not yet proved, and starts without bounces.
///
/// # Errors
/// Denied, not found, merged, wrong fields, changed meanwhile, or the person has it already.
pub async fn change_contact(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: ChangeContact,
) -> Result<(), RegistryError> {
    let ChangeContact { org, contact: id, version, form } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let contact = form.parse().map_err(RegistryError::Invalid)?;
    let old = sql::contact_by_id(tx, org, id)
        .await?
        .ok_or_else(|| RegistryError::not_found("contact point", id))?;
    present(tx, org, old.person).await?;
    let verified_at = old.verified_at.filter(|_| contact.value == old.value);
    let new = ContactPoint {
        channel: contact.channel,
        value: contact.value,
        role: contact.role,
        preferred: contact.preferred,
        verified_at,
        version: version + 1,
        ..old.clone()
    };
    search::refresh_person(tx, org, &[old.person], async |tx: &mut Tx| {
        let rows = sql::update_contact(
            tx,
            id,
            version,
            new.channel,
            &new.value,
            new.role,
            new.preferred,
            verified_at,
        )
        .await
        .on_constraint(CONTACT_KEY, || taken(&new))?;
        changed_once(rows, "contact point", id)
    })
    .await?;
    let (before, after) = (contact_json(&old), contact_json(&new));
    let change = Change::new(org, "registry.contact_changed", "person", old.person, after.clone());
    Change { before: Some(&before), after: Some(&after), ..change }.write(ctx, tx).await?;
    Ok(())
}

/// Removes a contact point.
///
/// # Errors
/// Denied, not found, or changed meanwhile.
pub async fn remove_contact(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: RemoveContact,
) -> Result<(), RegistryError> {
    let RemoveContact { org, contact: id, version } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let old = sql::contact_by_id(tx, org, id)
        .await?
        .ok_or_else(|| RegistryError::not_found("contact point", id))?;
    present(tx, org, old.person).await?;
    search::refresh_person(tx, org, &[old.person], async |tx: &mut Tx| {
        changed_once(sql::delete_contact(tx, id, version).await?, "contact point", id)
    })
    .await?;
    let before = contact_json(&old);
    let change = Change::new(
        org,
        "registry.contact_removed",
        "person",
        old.person,
        json!({ "contact": id }),
    );
    Change { before: Some(&before), ..change }.write(ctx, tx).await?;
    Ok(())
}

/// Records that a person agrees to a purpose. Agreeing twice changes nothing.
///
/// # Errors
/// Denied, not found, merged, or no purpose named.
pub async fn give_consent(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: ChangeConsent,
) -> Result<Id, RegistryError> {
    let ChangeConsent { org, person, purpose, source } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let purpose = normal::line(&purpose, 60).map_err(|e| invalid("purpose", e))?;
    present(tx, org, person).await?;
    let given = sql::consents_of(tx, person).await?;
    if let Some(there) = given.iter().find(|c| c.purpose == purpose && c.withdrawn_at.is_none()) {
        return Ok(there.id);
    }
    let row = Consent {
        id: tx.next_id(),
        org,
        person,
        purpose,
        given_at: tx.now(),
        withdrawn_at: None,
        source,
    };
    tx.insert("consent", &row).await?;
    let payload = json!({ "consent": row.id, "purpose": row.purpose, "source": row.source });
    Change::new(org, "registry.consent_given", "person", person, payload).write(ctx, tx).await?;
    Ok(row.id)
}

/// Records that a person takes a consent back. Nothing happens when there is none.
///
/// # Errors
/// Denied or not found.
pub async fn withdraw_consent(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: ChangeConsent,
) -> Result<bool, RegistryError> {
    let ChangeConsent { org, person, purpose, source } = command;
    ctx.require(Right::CustomerWrite, org)?;
    present(tx, org, person).await?;
    let now = tx.now();
    let withdrawn = sql::withdraw_consent(tx, person, purpose.trim(), now).await? > 0;
    if withdrawn {
        let payload = json!({ "purpose": purpose.trim(), "source": source });
        let change = Change::new(org, "registry.consent_withdrawn", "person", person, payload);
        change.write(ctx, tx).await?;
    }
    Ok(withdrawn)
}
