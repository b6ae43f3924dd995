//! What the operations of this area write into the audit trail: the right that was used, the object,
//! and what became of it. Rows stand in the operation's own transaction. What happened is told to
//! machines by facts; this is for people who ask who did it.

use access::{Audited, Ctx, Right};
use kernel::Id;
use serde_json::Value;
use store::{Fact, StoreError, Tx};

/// Writes that something was done to an object, such as `bill:123`: as it was before, where it
/// was, and as it is now, with what was done in a field `what`.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn audit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, right): (Id, Right),
    object: &str,
    (before, after): (Option<Value>, Value),
) -> Result<(), StoreError> {
    let (before, after) = (before.as_ref(), Some(&after));
    ctx.audit(tx, Audited { org, action: right.name(), object, before, after }).await
}

/// Tells people and machines of a deed at once: the audit row of the right that was used on a
/// `thing` such as `meter_order`, and the fact `kind`. The row says in `what` which deed it was.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn deed(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, right): (Id, Right),
    (thing, subject): (&str, Id),
    kind: &'static str,
    payload: Value,
) -> Result<(), StoreError> {
    let mut after = payload.clone();
    if let Some(fields) = after.as_object_mut() {
        fields.insert("what".to_owned(), kind.trim_start_matches("supply.").into());
    }
    audit(ctx, tx, (org, right), &format!("{thing}:{subject}"), (None, after)).await?;
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org, kind, subject, payload, actor, request }).await?;
    Ok(())
}
