//! Reads: which program is behind a key.

use std::{collections::BTreeMap, sync::Arc};

use kernel::Instant;
use store::Tx;

use super::store as sql;
use crate::{AccessError, Actor, Right, Scope, SignedIn};

/// The program behind the key with this hash.
pub(crate) async fn recognise(
    tx: &mut Tx,
    token_hash: &str,
    now: Instant,
) -> Result<Option<SignedIn>, AccessError> {
    let Some(token) = sql::token_by_hash(tx, token_hash).await? else { return Ok(None) };
    if token.revoked_at.is_some() || now >= token.expires_at {
        return Ok(None);
    }
    let orgs = sql::organisations_of_token(tx, token.id).await?;
    let scope = Scope::At(Arc::new(orgs.into_iter().collect()));
    let rights: BTreeMap<Right, Scope> = sql::rights_of_token(tx, token.id)
        .await?
        .iter()
        .filter_map(|name| Right::from_name(name))
        .map(|right| (right, scope.clone()))
        .collect();
    Ok(Some(SignedIn {
        actor: Actor::token(token.id, token.org, rights),
        name: token.name.clone(),
        login: token.name,
        must_change: false,
        expires_at: token.expires_at,
    }))
}
