//! What people and jobs do with promises. Opening one asks for no right: it follows from a deed
//! whose own operation was allowed. Everything else does.

mod advance;
mod breach;
mod clock;
mod open;
mod packs;

pub(super) use advance::{advance, rule_of};
pub use breach::answer_breach;
pub use clock::{keep, pause, resume, withdraw};
pub use open::open;
pub use packs::{Published, publish_pack, touched_by};

use access::Ctx;
use kernel::Id;
use store::{Fact, Tx};

use super::{PromiseError, PromiseRow, store::promise_by_id};

/// Takes a promise in hand: no other transaction changes it meanwhile.
async fn hold(tx: &mut Tx, org: Id, id: Id) -> Result<PromiseRow, PromiseError> {
    tx.lock("promise", id).await?;
    promise_by_id(tx, org, id).await?.ok_or(PromiseError::NotFound)
}

async fn emit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    row: &PromiseRow,
    kind: &'static str,
    mut payload: serde_json::Value,
) -> Result<(), PromiseError> {
    if let Some(payload) = payload.as_object_mut() {
        payload.insert("rule".to_owned(), row.rule_id.clone().into());
        payload.insert("subject_kind".to_owned(), row.subject_kind.clone().into());
        payload.insert("subject".to_owned(), row.subject.to_string().into());
    }
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org: row.org, kind, subject: row.id, payload, actor, request }).await?;
    Ok(())
}
