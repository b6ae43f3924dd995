//! Somebody answers for a broken promise: by name, with a reason, once.

use access::{Ctx, Right};
use kernel::Id;
use serde_json::json;
use store::Tx;

use super::{advance::note, emit, hold};
use crate::promises::{
    PromiseError, PromiseRow, State, StepKind,
    store::{promise_by_id, set_breach},
};

/// Writes down who answers for a breach and why. The member of staff who does it is the approver.
///
/// # Errors
/// [`PromiseError::NotBroken`], [`PromiseError::Unanswered`] when the reason or the name is
/// missing, [`PromiseError::Changed`], denied.
pub async fn answer_breach(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, id, version): (Id, Id, i64),
    reason: &str,
) -> Result<PromiseRow, PromiseError> {
    ctx.require(Right::PromiseApprove, org)?;
    let row = hold(tx, org, id).await?;
    if row.state != State::Broken {
        return Err(PromiseError::NotBroken);
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(PromiseError::Unanswered("say why: the words are kept with the breach"));
    }
    let approver = ctx.actor.staff_id();
    if row.needs_approver && approver.is_none() {
        return Err(PromiseError::Unanswered(
            "a named member of staff must answer for this breach",
        ));
    }
    let now = tx.now();
    if set_breach(tx, id, version, approver, reason, now).await? == 0 {
        return Err(PromiseError::Changed);
    }
    note(tx, &row, (StepKind::BreachAnswered, None), reason, now).await?;
    emit(ctx, tx, &row, "duty.breach_answered", json!({ "approver": approver })).await?;
    promise_by_id(tx, org, id).await?.ok_or(PromiseError::NotFound)
}
