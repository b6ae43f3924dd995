//! Asking, handing out, ending requests.

use access::{Audited, Ctx, Right};
use jiff::ToSpan;
use kernel::{Date, Id, Instant};
use lake::Manifest;
use serde_json::json;
use store::{Fact, OnConflict, Tx};

use super::{
    Ask, Purpose, RequestError,
    store::{
        HandedRow, RequestRow, for_head_end, open_field_requests, overdue_requests, request_by_id,
        requests_come, set_again, set_answered, set_expired, set_handed, unasked,
    },
};
use crate::{count_file, metering_rules::RequestRules, meters, readings::note_late};

/// Requests that one pass plans or ends; the next pass takes the rest.
const PASS: i64 = 2_000;

/// Asks a meter: what it shows now, or days of its memory. `today` is the business day.
///
/// # Errors
/// [`RequestError::NoMeter`], [`RequestError::NotAutomatic`], [`RequestError::Asked`],
/// [`RequestError::Days`], denied.
pub async fn ask(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    asked: &Ask,
    (today, rules): (Date, &RequestRules),
) -> Result<Id, RequestError> {
    ctx.require(Right::ReadingRequest, org)?;
    let hung = meters::installation_in_force(tx, org, asked.usage_point).await?;
    let hung = hung.ok_or(RequestError::NoMeter)?;
    let meter = meters::meter_by_id(tx, org, hung.meter).await?.ok_or(RequestError::NoMeter)?;
    if meter.concentrator.is_empty() {
        return Err(RequestError::NotAutomatic);
    }
    let tomorrow = today.tomorrow().unwrap_or(today);
    let (purpose, (from, to)) = match asked.days {
        None => (Purpose::OnDemand, (today, tomorrow)),
        Some((from, to)) => {
            let oldest = today.checked_sub(rules.memory_days.days()).unwrap_or(today);
            if from >= to || to > tomorrow {
                return Err(RequestError::Days("the days must lie before tomorrow, first to last"));
            }
            if from < oldest || from < hung.installed_on {
                return Err(RequestError::Days(
                    "the meter's memory does not reach back so far, or it hung elsewhere then",
                ));
            }
            (Purpose::Memory, (from, to))
        }
    };
    let row = RequestRow {
        asked_by: ctx.actor_id(),
        due_at: tx.now().plus_seconds(rules.answer_s),
        ..new_row(tx, org, (asked.usage_point, meter.id), purpose, (from, to))
    };
    let new = tx.insert_all("reading_request", std::slice::from_ref(&row), OnConflict::Keep);
    if new.await? == 0 {
        return Err(RequestError::Asked);
    }
    let after =
        json!({ "usage_point": row.usage_point, "purpose": row.purpose, "from": from, "to": to });
    let action = Right::ReadingRequest.name();
    let object = format!("reading_request:{}", row.id);
    ctx.audit(tx, Audited { org, action, object: &object, before: None, after: Some(&after) })
        .await?;
    emit(ctx, tx, (org, row.id), "supply.reading_asked", after).await?;
    Ok(row.id)
}

fn new_row(
    tx: &Tx,
    org: Id,
    (usage_point, meter): (Id, Id),
    purpose: Purpose,
    (day_from, day_to): (Date, Date),
) -> RequestRow {
    RequestRow {
        id: tx.next_id(),
        org,
        usage_point,
        meter,
        purpose: purpose.word().to_owned(),
        state: "open".to_owned(),
        day_from,
        day_to,
        exception: Id::from_i64(0),
        attempt: 0,
        asked_at: tx.now(),
        asked_by: Id::from_i64(0),
        next_at: tx.now(),
        due_at: tx.now(),
        handed_at: None,
        answered_at: None,
        failure: String::new(),
    }
}

/// Hands what waits to the head-end, a person's requests first. A fetched request that is not
/// answered in time is handed out again by the plan.
///
/// # Errors
/// Denied, or the database's refusal.
pub async fn take(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    count: i64,
    rules: &RequestRules,
) -> Result<Vec<HandedRow>, RequestError> {
    ctx.require(Right::ReadingImport, org)?;
    let now = tx.now();
    let mut handed = Vec::new();
    for mut row in for_head_end(tx, org, now, count).await? {
        let due_at = match row.purpose.as_str() {
            "on_demand" => row.due_at,
            _ => now.plus_seconds(rules.retry_minutes * 60),
        };
        if set_handed(tx, org, row.id, due_at, now).await? == 1 {
            row.due_at = due_at;
            handed.push(row);
        }
    }
    Ok(handed)
}

/// Ends a request with the readings in `files`; their usage point is noted to be settled again.
pub(super) async fn answered(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    request: &RequestRow,
    (first, files): (Date, &[Manifest]),
) -> Result<(), RequestError> {
    let org = request.org;
    ctx.require(Right::ReadingImport, org)?;
    tx.lock("settlement", org).await?;
    if set_answered(tx, org, request.id, tx.now()).await? == 0 {
        return Err(RequestError::Ended);
    }
    for file in files {
        count_file(tx, org, Some(request.id), file).await?;
    }
    note_late(tx, org, &[(request.usage_point.get(), first)].into()).await?;
    let payload = json!({ "usage_point": request.usage_point, "purpose": request.purpose });
    emit(ctx, tx, (org, request.id), "supply.reading_answered", payload).await
}

/// Ends or repeats a request to which the head-end has no reading.
pub(super) async fn failed(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    request: &RequestRow,
    (failure, rules): (&str, &RequestRules),
) -> Result<(), RequestError> {
    ctx.require(Right::ReadingImport, request.org)?;
    if !matches!(request.state.as_str(), "open" | "handed") {
        return Err(RequestError::Ended);
    }
    again(tx, request, failure, rules).await
}

/// The plan of retries: once more after a pause, and after the last time somebody goes there.
async fn again(
    tx: &mut Tx,
    request: &RequestRow,
    failure: &str,
    rules: &RequestRules,
) -> Result<(), RequestError> {
    let org = request.org;
    let is_retry = request.purpose == "retry";
    if is_retry && request.attempt + 1 < rules.retry_times {
        let next_at = tx.now().plus_seconds(rules.retry_minutes * 60);
        set_again(tx, org, request.id, next_at, failure).await?;
        return Ok(());
    }
    set_expired(tx, org, request.id, failure).await?;
    if is_retry {
        let days = (request.day_from, request.day_to);
        let row = RequestRow {
            exception: request.exception,
            ..new_row(tx, org, (request.usage_point, request.meter), Purpose::Field, days)
        };
        tx.insert_all("reading_request", &[row], OnConflict::Keep).await?;
    }
    Ok(())
}

/// Ends a request whose reading came by a handheld, and says which.
pub(crate) async fn complete(
    tx: &mut Tx,
    org: Id,
    usage_point: Id,
) -> Result<Option<Id>, RequestError> {
    let mut first = None;
    for id in open_field_requests(tx, org, usage_point).await? {
        set_answered(tx, org, id, tx.now()).await?;
        first = first.or(Some(id));
    }
    Ok(first)
}

/// One pass of the plan: what has come is closed, what is overdue is repeated or ends, and what the
/// night of `day` missed is asked for: of the meter, or of somebody who goes there.
pub(super) async fn pass(
    tx: &mut Tx,
    org: Id,
    day: Option<Date>,
    rules: &RequestRules,
) -> Result<(), RequestError> {
    let now: Instant = tx.now();
    for id in requests_come(tx, org, PASS).await? {
        set_answered(tx, org, id, now).await?;
    }
    for request in overdue_requests(tx, org, now, PASS).await? {
        again(tx, &request, "no answer in time", rules).await?;
    }
    let Some(day) = day else { return Ok(()) };
    let next = day.tomorrow().unwrap_or(day);
    let mut rows = Vec::new();
    for (usage_point, meter, exception, concentrator) in unasked(tx, org, day, PASS).await? {
        let purpose = if concentrator.is_empty() { Purpose::Field } else { Purpose::Retry };
        rows.push(RequestRow {
            exception,
            ..new_row(tx, org, (usage_point, meter), purpose, (day, next))
        });
    }
    tx.insert_all("reading_request", &rows, OnConflict::Keep).await?;
    Ok(())
}

/// The request of an answer.
pub(super) async fn found(tx: &mut Tx, org: Id, id: Id) -> Result<RequestRow, RequestError> {
    request_by_id(tx, org, id).await?.ok_or(RequestError::NotFound)
}

async fn emit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, subject): (Id, Id),
    kind: &'static str,
    payload: serde_json::Value,
) -> Result<(), RequestError> {
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org, kind, subject, payload, actor, request }).await?;
    Ok(())
}
