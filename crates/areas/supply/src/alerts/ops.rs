//! Raising, acknowledging and closing alerts.

use access::{Ctx, Right};
use kernel::{Date, Id};
use serde_json::json;
use store::{Fact, OnConflict, Tx};

use super::{
    AlertError, NewError, Outcome,
    store::{
        AlertRow, alert_by_id, overdue_alerts, set_acknowledged, set_closed, set_escalated,
        set_followed, set_photo, to_follow, unraised,
    },
};
use crate::{
    bulletins::{self, Message},
    deed,
    metering_rules::AlertRules,
};

const NOTE_MAX: usize = 1_000;
/// Alerts that one pass raises, follows or escalates; the next pass takes the rest.
const PASS: i64 = 1_000;

/// An alert to be raised.
#[derive(Debug, Clone)]
pub(crate) struct NewAlert {
    /// `finding`, `error`, `concentrator` or `field`.
    pub kind: &'static str,
    /// The rule, or the code of the catalogue.
    pub code: String,
    /// What raises it: the same raises one.
    pub source_key: String,
    /// 0: none.
    pub usage_point: Id,
    /// 0: none.
    pub exception: Id,
    /// Empty: none.
    pub concentrator: String,
    /// What day it is about.
    pub day: Option<Date>,
    /// In words.
    pub note: String,
    /// 0: the program.
    pub raised_by: Id,
    /// 0: whoever may decide.
    pub owner: Id,
}

/// Raises alerts; what raised one before raises none. How many are new.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn raise(
    tx: &mut Tx,
    org: Id,
    new: Vec<NewAlert>,
    rules: &AlertRules,
) -> Result<u64, AlertError> {
    let now = tx.now();
    let rows: Vec<AlertRow> = new
        .into_iter()
        .map(|alert| AlertRow {
            id: tx.next_id(),
            org,
            kind: alert.kind.to_owned(),
            code: alert.code,
            source_key: alert.source_key,
            usage_point: alert.usage_point,
            exception: alert.exception,
            concentrator: alert.concentrator,
            day: alert.day,
            note: alert.note,
            raised_at: now,
            raised_by: alert.raised_by,
            owner: alert.owner,
            due_at: now.plus_seconds(rules.acknowledge_hours * 3_600),
            acknowledged_at: None,
            acknowledged_by: None,
            escalated_at: None,
            state: "open".to_owned(),
            outcome: None,
            outcome_note: None,
            closed_at: None,
            closed_by: None,
            version: 1,
            photo_type: None,
        })
        .collect();
    Ok(tx.insert_all("reading_alert", &rows, OnConflict::Keep).await?)
}

/// Logs an error of the catalogue.
///
/// # Errors
/// [`AlertError::Field`] for a code that is not in the catalogue, denied.
pub async fn log_error(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    new: &NewError,
    rules: &AlertRules,
) -> Result<Id, AlertError> {
    ctx.require(Right::ExceptionDecide, org)?;
    if !rules.error.iter().any(|known| known.code == new.code) {
        return Err(AlertError::Field { field: "code", reason: "choose an error" });
    }
    if new.note.chars().count() > NOTE_MAX {
        return Err(AlertError::Field { field: "note", reason: "this is too long" });
    }
    let point = registry::premises::usage_point_by_id(tx, org, new.usage_point).await?;
    let point = point.ok_or(AlertError::NotFound)?;
    let owner = match point.transformer_area {
        Some(area) => registry::network::area_by_id(tx, org, area).await?,
        None => None,
    };
    let key = format!("error:{}", new.id);
    let alert = NewAlert {
        kind: "error",
        code: new.code.clone(),
        source_key: key.clone(),
        usage_point: point.id,
        exception: Id::from_i64(0),
        concentrator: String::new(),
        day: None,
        note: new.note.trim().to_owned(),
        raised_by: ctx.actor_id(),
        owner: owner.and_then(|area| area.manager_user).unwrap_or(Id::from_i64(0)),
    };
    raise(tx, org, vec![alert], rules).await?;
    let row = super::alert_of_source(tx, org, &key).await?.ok_or(AlertError::NotFound)?;
    let after = json!({ "code": new.code, "usage_point": point.id });
    deed(
        ctx,
        tx,
        (org, Right::ExceptionDecide),
        ("reading_alert", row.id),
        "supply.reading_error_logged",
        after,
    )
    .await?;
    Ok(row.id)
}

/// Says that somebody looks at an alert.
///
/// # Errors
/// [`AlertError::NotFound`], [`AlertError::Changed`], denied.
pub async fn acknowledge(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (id, version): (Id, i64),
) -> Result<(), AlertError> {
    ctx.require(Right::ExceptionDecide, org)?;
    let row = alert_by_id(tx, org, id).await?.ok_or(AlertError::NotFound)?;
    if set_acknowledged(tx, org, row.id, version, ctx.actor_id(), tx.now()).await? == 0 {
        return Err(AlertError::Changed);
    }
    deed(
        ctx,
        tx,
        (org, Right::ExceptionDecide),
        ("reading_alert", id),
        "supply.reading_alert_acknowledged",
        json!({ "code": row.code }),
    )
    .await?;
    Ok(())
}

/// Says that an alert has a photo, whose bytes are stored already.
///
/// # Errors
/// [`AlertError::NotFound`], [`AlertError::Changed`] when it has one or is closed; denied.
pub(super) async fn add_photo(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (id, photo_type): (Id, &str),
) -> Result<(), AlertError> {
    ctx.require(Right::ExceptionDecide, org)?;
    let row = alert_by_id(tx, org, id).await?.ok_or(AlertError::NotFound)?;
    if set_photo(tx, org, row.id, photo_type).await? == 0 {
        return Err(AlertError::Changed);
    }
    let kind = "supply.reading_alert_photo_added";
    let (used, thing) = ((org, Right::ExceptionDecide), ("reading_alert", id));
    deed(ctx, tx, used, thing, kind, json!({ "type": photo_type })).await?;
    Ok(())
}

/// Closes an alert with what it turned out to be.
///
/// # Errors
/// [`AlertError::NotFound`], [`AlertError::Changed`], [`AlertError::Field`] without a word or for
/// a finding, which is decided instead; denied.
pub async fn close(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (id, version): (Id, i64),
    (outcome, words): (Outcome, &str),
) -> Result<(), AlertError> {
    ctx.require(Right::ExceptionDecide, org)?;
    let row = alert_by_id(tx, org, id).await?.ok_or(AlertError::NotFound)?;
    let words = words.trim();
    if words.is_empty() || words.chars().count() > NOTE_MAX {
        return Err(AlertError::Field { field: "note", reason: "say what it was" });
    }
    if row.kind == "finding" {
        return Err(AlertError::Field { field: "outcome", reason: "decide the finding instead" });
    }
    let (by, now) = (ctx.actor_id(), tx.now());
    if set_closed(tx, org, id, version, outcome.word(), words, by, now).await? == 0 {
        return Err(AlertError::Changed);
    }
    let after = json!({ "outcome": outcome.word(), "note": words });
    deed(
        ctx,
        tx,
        (org, Right::ExceptionDecide),
        ("reading_alert", id),
        "supply.reading_alert_closed",
        after,
    )
    .await?;
    Ok(())
}

/// Raises an alert for each finding that stops a bill, and tells the customer where the use itself is
/// unusual, with the number of the finding.
pub(super) async fn raise_findings(
    tx: &mut Tx,
    org: Id,
    rules: &AlertRules,
) -> Result<u64, AlertError> {
    let found = unraised(tx, org, PASS).await?;
    let mut messages = Vec::new();
    let mut alerts = Vec::with_capacity(found.len());
    for row in found {
        if is_unusual_use(&row.rule) {
            let (zh, en) = (
                format!(
                    "{}的用电量比平常高很多。我们正在核实读数，核实前按估算计费；如果您当天新增了大功率电器，请告诉我们。事件编号 {}。",
                    row.day, row.exception
                ),
                format!(
                    "On {} far more electricity was read than usual. We are checking the reading and bill an estimate until then; if you use a new large appliance, please tell us. Event {}.",
                    row.day, row.exception
                ),
            );
            messages.push((row.account, row.exception, zh, en));
        }
        alerts.push(NewAlert {
            kind: "finding",
            code: row.rule,
            source_key: format!("finding:{}", row.exception),
            usage_point: row.usage_point,
            exception: row.exception,
            concentrator: String::new(),
            day: Some(row.day),
            note: String::new(),
            raised_by: Id::from_i64(0),
            owner: row.owner,
        });
    }
    let messages: Vec<Message<'_>> = messages
        .iter()
        .map(|(account, event, zh, en)| Message {
            account: *account,
            kind: "unusual_use",
            event: *event,
            zh,
            en,
        })
        .collect();
    bulletins::tell(tx, org, &messages).await?;
    raise(tx, org, alerts, rules).await
}

/// Closes alerts whose finding was decided: wrong readings confirm the rule, an accepted one does not.
/// A customer who was told of unusual use is told when it turned out to be real, before the bill.
pub(super) async fn follow(tx: &mut Tx, org: Id) -> Result<(), AlertError> {
    for row in to_follow(tx, org, PASS).await? {
        let outcome = match (row.state.as_str(), row.decision.as_deref()) {
            ("decided", Some("accept")) => "false_alarm",
            ("decided", _) => "confirmed",
            _ => "no_longer",
        };
        if is_unusual_use(&row.rule) && outcome == "false_alarm" {
            let (day, event) = (row.day, row.exception);
            let zh = format!("{day}的用电量经核实属实，将按读数计入本期电费。事件编号 {event}。");
            let en = format!(
                "The electricity read on {day} was checked and is right; it is billed as read. \
                 Event {event}."
            );
            let account = row.account;
            let message = Message { account, kind: "use_confirmed", event, zh: &zh, en: &en };
            bulletins::tell(tx, org, &[message]).await?;
        }
        set_followed(tx, org, row.alert, outcome, row.decided_by, tx.now()).await?;
    }
    Ok(())
}

/// Whether a rule is about the use itself, which its customer knows best.
fn is_unusual_use(rule: &str) -> bool {
    matches!(rule, "vee.high" | "vee.spike")
}

/// Hands what nobody acknowledged in time to the manager.
pub(super) async fn escalate(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    rules: &AlertRules,
) -> Result<(), AlertError> {
    let overdue = overdue_alerts(tx, org, tx.now(), PASS).await?;
    if overdue.is_empty() {
        return Ok(());
    }
    let manager =
        access::staff_with_role(tx, org, &rules.escalate_to_role).await?.into_iter().next();
    let manager = manager.unwrap_or(Id::from_i64(0));
    for id in overdue {
        if set_escalated(tx, org, id, manager, tx.now()).await? > 0 {
            let payload = json!({ "to": manager });
            let (actor, request) = (ctx.actor_name(), ctx.request);
            let kind = "supply.reading_alert_escalated";
            tx.emit(Fact { org, kind, subject: id, payload, actor, request }).await?;
        }
    }
    Ok(())
}
