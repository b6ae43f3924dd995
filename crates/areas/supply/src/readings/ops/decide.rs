//! A person's decision about a finding, and taking it back. What it delivers to the lake counts
//! in the same transaction; the touched usage point is noted to be settled again.

use std::collections::BTreeMap;

use access::{Audited, Ctx, Right};
use kernel::Id;
use lake::Manifest;
use serde_json::json;
use store::{Fact, Tx};

use super::import::note_late;
use crate::{
    count_file,
    readings::{
        Decide, Decision, ReadingError,
        store::{
            ExceptionRow, exception_by_id, reopen as reopen_row, set_decision, set_field_check,
        },
    },
};

/// Which day of which usage point is to be settled again.
pub type Touched = (Id, kernel::Date);

/// Writes a decision. `files` are what it delivers to the lake: nothing for an estimate that
/// stays and for a field check.
///
/// # Errors
/// [`ReadingError::NotFound`], [`ReadingError::Changed`], [`ReadingError::ReasonMissing`], denied.
pub async fn decide(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    asked: &Decide,
    files: &[Manifest],
) -> Result<Touched, ReadingError> {
    ctx.require(Right::ExceptionDecide, org)?;
    if matches!(asked.decision, Decision::Replace(_)) {
        ctx.require(Right::ReadingEdit, org)?;
    }
    let reason = asked.reason.trim();
    if reason.is_empty() {
        return Err(ReadingError::ReasonMissing);
    }
    tx.lock("settlement", org).await?;
    let before = exception_by_id(tx, org, asked.exception).await?.ok_or(ReadingError::NotFound)?;
    let (id, version, by, now) = (before.id, asked.version, ctx.actor_id(), tx.now());
    let word = asked.decision.word();
    let changed = match asked.decision {
        Decision::FieldCheck => set_field_check(tx, org, id, version, reason, by, now).await?,
        _ => set_decision(tx, org, id, version, word, reason, by, now).await?,
    };
    if changed == 0 {
        return Err(ReadingError::Changed);
    }
    let values: Vec<(String, String)> = match &asked.decision {
        Decision::Replace(values) => {
            values.iter().map(|(kind, text)| (kind.name().to_owned(), text.clone())).collect()
        }
        _ => Vec::new(),
    };
    let after = json!({ "decision": word, "reason": reason, "values": values });
    count(ctx, tx, &before, files, ("supply.exception_decided", &after)).await
}

/// Takes a decision back: the finding is open again, and the original reading counts again.
///
/// # Errors
/// [`ReadingError::NotFound`], [`ReadingError::Changed`], denied.
pub async fn reopen(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (exception, version): (Id, i64),
    files: &[Manifest],
) -> Result<Touched, ReadingError> {
    ctx.require(Right::ExceptionDecide, org)?;
    tx.lock("settlement", org).await?;
    let before = exception_by_id(tx, org, exception).await?.ok_or(ReadingError::NotFound)?;
    if reopen_row(tx, org, exception, version).await? == 0 {
        return Err(ReadingError::Changed);
    }
    let after = json!({ "decision": null });
    count(ctx, tx, &before, files, ("supply.exception_reopened", &after)).await
}

async fn count(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    exception: &ExceptionRow,
    files: &[Manifest],
    (kind, after): (&'static str, &serde_json::Value),
) -> Result<Touched, ReadingError> {
    let org = exception.org;
    for file in files {
        count_file(tx, org, Some(exception.id), file).await?;
    }
    if !files.is_empty() {
        let touched = BTreeMap::from([(exception.usage_point.get(), exception.day)]);
        note_late(tx, org, &touched).await?;
    }
    let before = json!({
        "decision": exception.decision,
        "reason": exception.reason,
        "usage_point": exception.usage_point,
        "day": exception.day,
        "rule": exception.rule,
    });
    ctx.audit(
        tx,
        Audited {
            org,
            action: "exception.decide",
            object: &format!("exception:{}", exception.id),
            before: Some(&before),
            after: Some(after),
        },
    )
    .await?;
    let payload =
        json!({ "usage_point": exception.usage_point, "day": exception.day, "after": after });
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org, kind, subject: exception.id, payload, actor, request }).await?;
    Ok((exception.usage_point, exception.day))
}
