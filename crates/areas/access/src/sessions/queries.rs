//! Reads: who is behind a token, and with which rights.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kernel::{Id, Instant};
use store::{Db, Tx};

use super::{model::SignedIn, rules, store as sql};
use crate::{AccessError, Actor, Right, Scope, roles, tokens, users};

pub use super::store::sessions_of_staff;

/// Who is behind a token: a session of staff or of a customer, or a program's key. `None` when it
/// is unknown, over or revoked.
///
/// # Errors
/// [`AccessError::Store`].
pub async fn recognise(db: &Db, token: &str) -> Result<Option<SignedIn>, AccessError> {
    let hash = rules::token_hash(token);
    let now = db.now();
    let mut tx = db.read().await?;
    if tokens::is_program_token(token) {
        return tokens::queries::recognise(&mut tx, &hash, now).await;
    }
    let Some(session) = sql::session(&mut tx, &hash).await? else { return Ok(None) };
    if !rules::stands(&session, now) {
        return Ok(None);
    }
    let known = match (session.staff, session.account) {
        (Some(staff), _) => staff_signed_in(&mut tx, staff, session.expires_at).await?,
        (None, Some(account)) => Some(SignedIn {
            actor: Actor::customer(account, session.org),
            name: String::new(),
            login: String::new(),
            must_change: false,
            expires_at: session.expires_at,
        }),
        (None, None) => None,
    };
    drop(tx);
    if known.is_some() && session.seen_at.plus_seconds(rules::SEEN_S) <= now {
        let mut tx = db.begin().await?;
        sql::touch_session(&mut tx, &hash, now).await?;
        tx.commit().await?;
    }
    Ok(known)
}

async fn staff_signed_in(
    tx: &mut Tx,
    id: Id,
    expires_at: Instant,
) -> Result<Option<SignedIn>, AccessError> {
    let Some(staff) = users::store::staff_by_id(tx, id).await? else { return Ok(None) };
    if staff.disabled {
        return Ok(None);
    }
    let rights = if staff.must_change { BTreeMap::new() } else { rights_of(tx, id).await? };
    Ok(Some(SignedIn {
        actor: Actor::staff(id, staff.org, rights),
        name: staff.name,
        login: staff.login,
        must_change: staff.must_change,
        expires_at,
    }))
}

/// What a member of staff may do where, with every organisation below each grant.
async fn rights_of(tx: &mut Tx, staff: Id) -> Result<BTreeMap<Right, Scope>, AccessError> {
    let mut below: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for (top, org) in roles::store::organisations_of_staff(tx, staff).await? {
        below.entry(top).or_default().insert(org);
    }
    let mut tops: BTreeMap<Right, BTreeSet<Id>> = BTreeMap::new();
    for (name, top) in roles::store::rights_of_staff(tx, staff).await? {
        if let Some(right) = Right::from_name(&name) {
            tops.entry(right).or_default().insert(top);
        }
    }
    // Most rights are held at the same places: those share one set.
    let mut shared: BTreeMap<BTreeSet<Id>, Scope> = BTreeMap::new();
    let mut rights = BTreeMap::new();
    for (right, tops) in tops {
        let scope = shared.entry(tops).or_insert_with_key(|tops| {
            let orgs = tops.iter().filter_map(|top| below.get(top)).flatten().copied();
            Scope::At(Arc::new(orgs.collect()))
        });
        rights.insert(right, scope.clone());
    }
    Ok(rights)
}
