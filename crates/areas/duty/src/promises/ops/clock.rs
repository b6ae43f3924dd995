//! Stopping and starting a clock, and ending a promise.

use access::{Ctx, Right};
use kernel::{Id, Instant};
use serde_json::json;
use store::{StoreError, Tx};

use super::{
    advance::{advance, rule_of},
    emit, hold,
};
use crate::promises::{
    Books, Evidence, PauseClock, PauseRow, PromiseError, PromiseRow,
    store::{end_pause, pauses_of, promise_by_id, set_done, set_withdrawn},
};

/// Stops the clock for a reason that the rule allows.
///
/// # Errors
/// [`PromiseError::NoSuchPause`], [`PromiseError::PausedAlready`], [`PromiseError::Ended`],
/// [`PromiseError::Time`] before the promise or in the future, denied.
pub async fn pause(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    books: &Books,
    (org, id): (Id, Id),
    command: PauseClock<'_>,
) -> Result<PromiseRow, PromiseError> {
    ctx.require(Right::PromiseWork, org)?;
    let row = live(hold(tx, org, id).await?)?;
    let rule = rule_of(tx, &row).await?;
    if rule.pause(command.reason).is_none() {
        let codes: Vec<&str> = rule.pauses.iter().map(|pause| pause.code.as_str()).collect();
        let allowed = match codes.as_slice() {
            [] => "this promise knows no pauses".to_owned(),
            codes => format!("write one of {}", codes.join(", ")),
        };
        return Err(PromiseError::NoSuchPause { reason: command.reason.to_owned(), allowed });
    }
    if command.since < row.opened_at || command.since > tx.now() {
        return Err(PromiseError::Time("a pause begins after the promise and not in the future"));
    }
    let known = pauses_of(tx, id).await?;
    let same = known.iter().filter(|pause| pause.reason == command.reason);
    if same.clone().any(|pause| pause.resumed_at.is_none()) {
        return Err(PromiseError::PausedAlready);
    }
    let pause = PauseRow {
        id: tx.next_id(),
        org,
        promise: id,
        reason: command.reason.to_owned(),
        note: command.note.to_owned(),
        paused_at: command.since,
        paused_by: ctx.actor_name().to_owned(),
        resumed_at: None,
        resumed_by: None,
    };
    match tx.insert("promise_pause", &pause).await {
        Err(StoreError::Unique { .. }) => return Err(PromiseError::PausedAlready),
        done => done?,
    }
    emit(ctx, tx, &row, "duty.promise_paused", json!({ "reason": command.reason })).await?;
    advance(ctx, tx, books, row).await
}

/// Starts the clock again that stood still for a reason.
///
/// # Errors
/// [`PromiseError::NotPaused`], [`PromiseError::Ended`], denied.
pub async fn resume(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    books: &Books,
    (org, id): (Id, Id),
    (reason, at): (&str, Instant),
) -> Result<PromiseRow, PromiseError> {
    ctx.require(Right::PromiseWork, org)?;
    let row = live(hold(tx, org, id).await?)?;
    if at > tx.now() {
        return Err(PromiseError::Time("a pause does not end in the future"));
    }
    if end_pause(tx, id, reason, at, ctx.actor_name()).await? == 0 {
        return Err(PromiseError::NotPaused);
    }
    emit(ctx, tx, &row, "duty.promise_resumed", json!({ "reason": reason })).await?;
    advance(ctx, tx, books, row).await
}

/// Says that it was done, in time or late, with what proves it.
///
/// # Errors
/// [`PromiseError::NoEvidence`], [`PromiseError::Ended`] when it was done or called off before,
/// [`PromiseError::Time`], denied.
pub async fn keep(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    books: &Books,
    (org, id): (Id, Id),
    (at, evidence): (Instant, &Evidence),
) -> Result<PromiseRow, PromiseError> {
    ctx.require(Right::PromiseWork, org)?;
    let row = hold(tx, org, id).await?;
    if row.withdrawn_at.is_some() {
        return Err(PromiseError::Ended("withdrawn"));
    }
    if at < row.opened_at || at > tx.now() {
        return Err(PromiseError::Time("it was done after it was promised and not in the future"));
    }
    if set_done(tx, id, at, ctx.actor_name(), &evidence.text()?).await? == 0 {
        return Err(PromiseError::Ended("done"));
    }
    let was_late = row.state.verdict().is_some();
    let row = promise_by_id(tx, org, id).await?.ok_or(PromiseError::NotFound)?;
    if was_late {
        emit(ctx, tx, &row, "duty.promise_done_late", json!({ "at": at.to_string() })).await?;
    }
    advance(ctx, tx, books, row).await
}

/// Says that it is no longer owed: the outage was called off, the request taken back. A promise
/// that is broken by then stays broken.
///
/// # Errors
/// [`PromiseError::Ended`] when it was done or called off before, denied.
pub async fn withdraw(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    books: &Books,
    (org, id): (Id, Id),
) -> Result<PromiseRow, PromiseError> {
    ctx.require(Right::PromiseWork, org)?;
    let row = hold(tx, org, id).await?;
    if row.done_at.is_some() {
        return Err(PromiseError::Ended("done"));
    }
    if set_withdrawn(tx, id, tx.now()).await? == 0 {
        return Err(PromiseError::Ended("withdrawn"));
    }
    let row = promise_by_id(tx, org, id).await?.ok_or(PromiseError::NotFound)?;
    advance(ctx, tx, books, row).await
}

/// Refuses a promise whose verdict is given.
fn live(row: PromiseRow) -> Result<PromiseRow, PromiseError> {
    if row.state.verdict().is_some() { Err(PromiseError::Ended(row.state.word())) } else { Ok(row) }
}
