//! Merging a person who was entered twice, and taking it back. The merge moves what belongs to the
//! absorbed person to the survivor and notes every row; unmerging gives back exactly those. What
//! the survivor has already (the same telephone) stays with the absorbed person, out of sight.

use access::{Ctx, Right};
use kernel::Id;
use serde_json::json;
use store::{OnConflict, Tx};

use super::present;
use crate::{
    RegistryError, SubjectKind, marks,
    people::store::{self as sql, PersonMerge, PersonMergeItem},
    search,
    trace::Change,
};

/// Merges two persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergePersons {
    /// The organisation.
    pub org: Id,
    /// Who stays.
    pub survivor: Id,
    /// Who is taken in.
    pub absorbed: Id,
    /// Why they are the same.
    pub reason: String,
}

/// Takes a merge back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmergePersons {
    /// The organisation.
    pub org: Id,
    /// Which merge.
    pub merge: Id,
    /// Why.
    pub reason: String,
}

/// The kinds of rows that belong to a person, and so can move.
const KINDS: [&str; 5] = ["identity", "contact", "consent", "account", "mark"];

/// Merges the absorbed person into the survivor; the id of the merge, by which it can be undone.
///
/// # Errors
/// Denied, not found, one of them merged already, or the same person twice.
pub async fn merge_persons(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: MergePersons,
) -> Result<Id, RegistryError> {
    let MergePersons { org, survivor, absorbed, reason } = command;
    ctx.require(Right::CustomerWrite, org)?;
    if survivor == absorbed {
        return Err(RegistryError::State("a person cannot be merged with itself".to_owned()));
    }
    if reason.trim().is_empty() {
        return Err(RegistryError::State("say why they are the same person".to_owned()));
    }
    // In the order of their ids, so that two merges of the same persons wait for each other.
    for id in [survivor.min(absorbed), survivor.max(absorbed)] {
        tx.lock("registry.person", id).await?;
    }
    present(tx, org, survivor).await?;
    present(tx, org, absorbed).await?;
    let merge = PersonMerge {
        id: tx.next_id(),
        org,
        survivor,
        absorbed,
        reason,
        merged_at: tx.now(),
        merged_by: user(ctx),
        undone_at: None,
        undone_by: None,
    };
    let items = movable(tx, &merge).await?;
    search::refresh_person(tx, org, &[survivor, absorbed], async |tx: &mut Tx| {
        tx.insert("person_merge", &merge).await?;
        tx.insert_all("person_merge_item", &items, OnConflict::Fail).await?;
        for item in &items {
            give(tx, item, absorbed, survivor).await?;
        }
        sql::update_merged_into(tx, absorbed, Some(survivor)).await?;
        Ok::<(), RegistryError>(())
    })
    .await?;
    trace(ctx, tx, "registry.persons_merged", &merge, &merge.reason, &items).await?;
    Ok(merge.id)
}

/// Takes a merge back: every row that it moved returns.
///
/// # Errors
/// Denied, not found, undone already, or a later merge must be undone first.
pub async fn unmerge_persons(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: UnmergePersons,
) -> Result<(), RegistryError> {
    let UnmergePersons { org, merge: id, reason } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let merge = sql::merge_by_id(tx, org, id)
        .await?
        .ok_or_else(|| RegistryError::not_found("merge", id))?;
    let (survivor, absorbed) = (merge.survivor, merge.absorbed);
    for id in [survivor.min(absorbed), survivor.max(absorbed)] {
        tx.lock("registry.person", id).await?;
    }
    // Later merges may have moved the same rows on; undone from the last, each finds its own.
    present(tx, org, survivor).await?;
    let later = sql::merges_of(tx, survivor)
        .await?
        .into_iter()
        .any(|m| m.id > id && m.undone_at.is_none() && m.survivor == survivor);
    if later {
        return Err(RegistryError::State(format!(
            "person {survivor} took in another person after merge {id}: undo the later merge first"
        )));
    }
    let items = sql::merge_items(tx, id).await?;
    search::refresh_person(tx, org, &[survivor, absorbed], async |tx: &mut Tx| {
        let now = tx.now();
        if sql::update_merge_undone(tx, id, now, user(ctx)).await? != 1 {
            return Err(RegistryError::State(format!("merge {id} was undone already")));
        }
        sql::update_merged_into(tx, absorbed, None).await?;
        for item in &items {
            give(tx, item, survivor, absorbed).await?;
        }
        Ok(())
    })
    .await?;
    trace(ctx, tx, "registry.persons_unmerged", &merge, &reason, &items).await
}

fn user(ctx: &Ctx<'_>) -> Option<Id> {
    Some(ctx.actor_id()).filter(|id| id.get() > 0)
}

async fn trace(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    fact: &'static str,
    merge: &PersonMerge,
    reason: &str,
    items: &[PersonMergeItem],
) -> Result<(), RegistryError> {
    let rows: Vec<_> = items.iter().map(|i| json!({ "kind": i.kind, "id": i.item })).collect();
    let payload = json!({
        "merge": merge.id, "survivor": merge.survivor, "absorbed": merge.absorbed,
        "reason": reason, "rows": rows,
    });
    Change::new(merge.org, fact, "person", merge.survivor, payload).write(ctx, tx).await?;
    Ok(())
}

/// The rows of the absorbed person that the survivor has no equal of.
async fn movable(tx: &mut Tx, merge: &PersonMerge) -> Result<Vec<PersonMergeItem>, RegistryError> {
    let (survivor, absorbed) = (merge.survivor, merge.absorbed);
    let mut items = Vec::new();
    let mut note = |kind: &str, ids: Vec<Id>| {
        items.extend(ids.into_iter().map(|item| PersonMergeItem {
            merge: merge.id,
            org: merge.org,
            kind: kind.to_owned(),
            item,
        }));
    };
    let [identity, contact, consent, account, mark] = KINDS;
    let kept = sql::identities_of(tx, survivor).await?;
    let moved = sql::identities_of(tx, absorbed).await?;
    let new =
        moved.iter().filter(|m| !kept.iter().any(|k| (k.scheme, &k.value) == (m.scheme, &m.value)));
    note(identity, new.map(|m| m.id).collect());

    let kept = sql::contacts_of(tx, survivor).await?;
    let moved = sql::contacts_of(tx, absorbed).await?;
    let new = moved.iter().filter(|m| {
        !kept.iter().any(|k| (k.channel, &k.value, k.role) == (m.channel, &m.value, m.role))
    });
    note(contact, new.map(|m| m.id).collect());

    let kept = sql::consents_of(tx, survivor).await?;
    let moved = sql::consents_of(tx, absorbed).await?;
    let open =
        |purpose: &str| kept.iter().any(|k| k.withdrawn_at.is_none() && k.purpose == purpose);
    let new = moved.iter().filter(|m| m.withdrawn_at.is_some() || !open(&m.purpose));
    note(consent, new.map(|m| m.id).collect());

    let moved = crate::premises::store::accounts_of_person(tx, absorbed).await?;
    note(account, moved.iter().map(|m| m.id).collect());

    let kept = marks::store::marks_on(tx, SubjectKind::Person, survivor).await?;
    let moved = marks::store::marks_on(tx, SubjectKind::Person, absorbed).await?;
    let open = |kind: &str| kept.iter().any(|k| k.marked_to.is_none() && k.kind == kind);
    let new = moved.iter().filter(|m| m.marked_to.is_some() || !open(&m.kind));
    note(mark, new.map(|m| m.id).collect());
    Ok(items)
}

/// Gives one row to another person. A row that was removed meanwhile is nobody's.
async fn give(tx: &mut Tx, item: &PersonMergeItem, from: Id, to: Id) -> Result<(), RegistryError> {
    let id = item.item;
    match item.kind.as_str() {
        "identity" => sql::give_identity(tx, id, from, to).await?,
        "contact" => sql::give_contact(tx, id, from, to).await?,
        "consent" => sql::give_consent(tx, id, from, to).await?,
        "account" => sql::give_account(tx, id, from, to).await?,
        _ => sql::give_mark(tx, id, from, to).await?,
    };
    Ok(())
}
