//! The record of a run over days: who asked for it, how far it is, how it ended.

use access::{Ctx, Right};
use kernel::{DatePeriod, Id};
use store::Tx;

use crate::settlement::{
    SettlementError,
    store::{RunRow, finish_run, set_run_progress},
};

/// Records that a run over these days begins.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn begin_run(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    kind: &'static str,
    days: DatePeriod,
) -> Result<Id, SettlementError> {
    ctx.require(Right::SettlementRun, org)?;
    let row = RunRow {
        id: tx.next_id(),
        org,
        kind: kind.to_owned(),
        day_from: days.from(),
        day_to: days.to().unwrap_or(days.from()),
        state: "running".to_owned(),
        days_done: 0,
        days_total: days.days().unwrap_or(0).into(),
        message: None,
        started_at: tx.now(),
        finished_at: None,
        started_by: ctx.actor_id(),
    };
    tx.insert("settlement_run", &row).await?;
    Ok(row.id)
}

/// Says how far a run is.
///
/// # Errors
/// When the database does not answer.
pub async fn progress(
    tx: &mut Tx,
    org: Id,
    run: Id,
    days_done: i64,
    message: &str,
) -> Result<(), SettlementError> {
    set_run_progress(tx, org, run, days_done, message).await?;
    Ok(())
}

/// Ends a run: with what stopped it, or done.
///
/// # Errors
/// When the database does not answer.
pub async fn end_run(
    tx: &mut Tx,
    org: Id,
    run: Id,
    stopped_by: Option<&str>,
) -> Result<(), SettlementError> {
    let state = if stopped_by.is_some() { "failed" } else { "done" };
    finish_run(tx, org, run, state, stopped_by, tx.now()).await?;
    Ok(())
}
