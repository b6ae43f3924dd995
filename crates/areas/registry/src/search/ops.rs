//! Keeps the terms as the data they come from changes.

use std::collections::BTreeSet;

use kernel::Id;
use store::{OnConflict, Param, StoreError, Tx};

use super::{store as sql, terms};
use crate::{people, premises};

use terms::Term;

/// Adds terms; those that exist stay. They go in sorted, because neighbours in the index are
/// written together.
pub(crate) async fn insert_terms(
    tx: &mut Tx,
    org: Id,
    mut new: Vec<Term>,
) -> Result<(), StoreError> {
    new.sort_unstable();
    new.dedup();
    // Gathered first: a lazy iterator that borrows would keep the future from being `Send`.
    let rows: Vec<_> = new
        .iter()
        .map(|t| [org.value(), t.kind.value(), t.term.value(), t.usage_point.value()])
        .collect();
    let columns = &["org", "kind", "term", "usage_point"];
    tx.insert_rows("search_term", columns, rows, OnConflict::Keep).await?;
    Ok(())
}

/// The terms that a person's usage points have at present, meters aside.
async fn terms_of_person(tx: &mut Tx, org: Id, person: Id) -> Result<BTreeSet<Term>, StoreError> {
    let Some(row) = people::store::person_by_id(tx, org, person).await? else {
        return Ok(BTreeSet::new());
    };
    let contacts = people::store::contacts_of(tx, person).await?;
    let mut found = Vec::new();
    for (usage_point, code, account_no, location) in sql::named_points(tx, person).await? {
        terms::of_numbers(&account_no, &code, usage_point, &mut found);
        terms::of_name(row.kind, &row.name, usage_point, &mut found);
        for contact in contacts.iter().filter(|c| c.channel.is_telephone()) {
            terms::of_phone(&contact.value, usage_point, &mut found);
        }
        for alias in premises::store::aliases_of(tx, location).await? {
            terms::of_alias(&alias, usage_point, &mut found);
        }
    }
    Ok(found.into_iter().collect())
}

/// Adds what terms a person's usage points lack.
pub(crate) async fn complete_person(tx: &mut Tx, org: Id, person: Id) -> Result<(), StoreError> {
    let terms = terms_of_person(tx, org, person).await?;
    insert_terms(tx, org, terms.into_iter().collect()).await
}

/// Runs a change of the persons' data and brings the terms of their usage points in line with it.
pub(crate) async fn refresh_person<T, E: From<StoreError>>(
    tx: &mut Tx,
    org: Id,
    persons: &[Id],
    change: impl AsyncFnOnce(&mut Tx) -> Result<T, E>,
) -> Result<T, E> {
    let mut before = BTreeSet::new();
    for person in persons {
        before.append(&mut terms_of_person(tx, org, *person).await?);
    }
    let done = change(tx).await?;
    let mut after = BTreeSet::new();
    for person in persons {
        after.append(&mut terms_of_person(tx, org, *person).await?);
    }
    for old in before.difference(&after) {
        sql::delete_term(tx, org, old.kind, &old.term, old.usage_point).await?;
    }
    insert_terms(tx, org, after.difference(&before).cloned().collect()).await?;
    Ok(done)
}

/// Makes a usage point known by the asset number of a meter. `supply`, which owns the meters,
/// calls it in the transaction that installs one.
///
/// # Errors
/// The database.
pub async fn add_meter_terms(
    tx: &mut Tx,
    org: Id,
    usage_point: Id,
    asset_no: &str,
) -> Result<(), StoreError> {
    load_meter_terms(tx, org, &[(usage_point, asset_no)]).await
}

/// As [`add_meter_terms`], for many usage points at once.
///
/// # Errors
/// The database.
pub async fn load_meter_terms(
    tx: &mut Tx,
    org: Id,
    meters: &[(Id, &str)],
) -> Result<(), StoreError> {
    let mut new = Vec::with_capacity(meters.len() * 2);
    for (usage_point, asset_no) in meters {
        terms::of_meter(asset_no, *usage_point, &mut new);
    }
    insert_terms(tx, org, new).await
}

/// A removed meter no longer leads to the usage point.
///
/// # Errors
/// The database.
pub async fn remove_meter_terms(
    tx: &mut Tx,
    org: Id,
    usage_point: Id,
    asset_no: &str,
) -> Result<(), StoreError> {
    let mut old = Vec::with_capacity(2);
    terms::of_meter(asset_no, usage_point, &mut old);
    for term in old {
        sql::delete_term(tx, org, term.kind, &term.term, usage_point).await?;
    }
    Ok(())
}
