//! Brings a promise to the present: computes its clock from what is stored and writes what followed
//! since it was last looked at. Running it twice changes nothing.

use access::Ctx;
use kernel::Instant;
use promise::{Clock, ClockError, Rule, Standing, Verdict};
use serde_json::json;
use store::Tx;

use super::emit;
use crate::promises::{
    Books, PromiseError, PromiseRow, State, StepKind,
    store::{StepRow, pauses_of, rule_body, set_clock},
};

/// A deadline beyond the known holidays is asked for again after a day: they may be loaded then.
const STUCK_AGAIN_S: i64 = 86_400;

pub(in crate::promises) async fn advance(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    books: &Books,
    row: PromiseRow,
) -> Result<PromiseRow, PromiseError> {
    let rule = rule_of(tx, &row).await?;
    let pauses = pauses_of(tx, row.id).await?;
    let book = books.of(tx, row.org).await?;
    let now = tx.now();
    let mut after = row.clone();
    match Clock::of(&rule, &row.facts(&pauses), &book.time) {
        Ok(clock) => {
            follow(ctx, tx, &mut after, &clock, now).await?;
        }
        Err(error @ (ClockError::BeyondCalendar { .. } | ClockError::Calendar(_))) => {
            let is_still = pauses.iter().any(|pause| pause.resumed_at.is_none());
            wait_for_calendar(ctx, tx, &mut after, (&error, is_still), now).await?;
        }
        Err(error) => return Err(error.into()),
    }
    if after == row {
        return Ok(row);
    }
    let stuck = after.stuck.as_deref();
    let changed = set_clock(
        tx,
        row.id,
        row.version,
        after.due_at,
        after.due_on,
        after.at_risk_at,
        after.next_at,
        after.state,
        after.verdict_at,
        after.step_percent,
        stuck,
    )
    .await?;
    if changed == 0 {
        return Err(PromiseError::Changed);
    }
    after.version += 1;
    Ok(after)
}

pub(in crate::promises) async fn rule_of(
    tx: &mut Tx,
    row: &PromiseRow,
) -> Result<Rule, PromiseError> {
    let corrupt = |reason: String| PromiseError::Corrupt { promise: row.id, reason };
    let body = rule_body(tx, row.rule).await?.ok_or_else(|| corrupt("it is gone".to_owned()))?;
    serde_json::from_str(&body).map_err(|error| corrupt(error.to_string()))
}

/// Takes the steps that were reached, gives the verdict, and says when to look again.
async fn follow(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    row: &mut PromiseRow,
    clock: &Clock,
    now: Instant,
) -> Result<(), PromiseError> {
    row.due_at = clock.due_at;
    row.due_on = clock.due_on;
    row.at_risk_at = clock.at_risk_at();
    row.stuck = None;
    let standing = clock.standing(now);
    // What was kept or called off warns no more; what was broken goes on until it is done.
    let until = match standing {
        Standing::Ended(Verdict::Broken, _) => row.done_at.or(row.withdrawn_at),
        Standing::Ended(_, at) => Some(at),
        _ => None,
    };
    for step in &clock.steps {
        let Some(at) = step.at.filter(|at| *at <= now && until.is_none_or(|until| *at <= until))
        else {
            continue;
        };
        let percent = i64::from(step.percent);
        if percent <= row.step_percent {
            continue;
        }
        row.step_percent = percent;
        if step.is_warning {
            note(tx, row, (StepKind::Warning, Some(percent)), "", at).await?;
        }
        for role in &step.escalate_to {
            note(tx, row, (StepKind::Escalation, Some(percent)), role, at).await?;
        }
        let payload = json!({ "percent": percent, "tell": step.escalate_to });
        emit(ctx, tx, row, "duty.promise_warned", payload).await?;
    }
    if let Standing::Ended(verdict, at) = standing {
        give(ctx, tx, row, verdict, at).await?;
    } else {
        row.state = if standing == Standing::Paused { State::Paused } else { State::Open };
    }
    row.next_at = match (row.state, row.done_at.or(row.withdrawn_at)) {
        (State::Kept | State::Withdrawn, _) | (State::Broken, Some(_)) => None,
        _ => clock.next_at(now),
    };
    Ok(())
}

/// Without the holidays of the year there is no deadline, but what happens is still written down.
async fn wait_for_calendar(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    row: &mut PromiseRow,
    (error, is_still): (&ClockError, bool),
    now: Instant,
) -> Result<(), PromiseError> {
    row.stuck = Some(error.to_string());
    row.next_at = None;
    if row.state.verdict().is_some() {
        return Ok(());
    }
    (row.due_at, row.due_on, row.at_risk_at) = (None, None, None);
    match (row.done_at, row.withdrawn_at) {
        // It was done before the end of the known calendar, and the deadline lies after it.
        (Some(at), _) => give(ctx, tx, row, Verdict::Kept, at).await,
        (None, Some(at)) => give(ctx, tx, row, Verdict::Withdrawn, at).await,
        (None, None) => {
            row.state = if is_still { State::Paused } else { State::Open };
            row.next_at = Some(now.plus_seconds(STUCK_AGAIN_S));
            Ok(())
        }
    }
}

async fn give(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    row: &mut PromiseRow,
    verdict: Verdict,
    at: Instant,
) -> Result<(), PromiseError> {
    if row.state.verdict().is_some() {
        return Ok(());
    }
    row.state = State::of(verdict);
    row.verdict_at = Some(at);
    note(tx, row, (StepKind::Verdict, None), row.state.word(), at).await?;
    let kind = match verdict {
        Verdict::Kept => "duty.promise_kept",
        Verdict::Broken => "duty.promise_broken",
        Verdict::Withdrawn => "duty.promise_withdrawn",
    };
    emit(ctx, tx, row, kind, json!({ "at": at.to_string() })).await
}

pub(super) async fn note(
    tx: &mut Tx,
    row: &PromiseRow,
    (kind, share_percent): (StepKind, Option<i64>),
    detail: &str,
    reached_at: Instant,
) -> Result<(), PromiseError> {
    let step = StepRow {
        id: tx.next_id(),
        org: row.org,
        promise: row.id,
        kind,
        share_percent,
        detail: detail.to_owned(),
        reached_at,
        noted_at: tx.now(),
    };
    Ok(tx.insert("promise_step", &step).await?)
}
