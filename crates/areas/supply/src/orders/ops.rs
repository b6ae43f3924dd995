//! What people do with work orders: plan a quarter, say when, record the exchange, report a fault,
//! decide it, cancel, scrap.

use access::{Ctx, Right};
use jiff::ToSpan;
use kernel::{Date, Id, Ratio};
use lake::Manifest;
use serde_json::json;
use store::{OnConflict, Tx};

use super::{
    Exchange, FaultDecision, NewFault, OrderError, RotationPlan, Schedule,
    store::{
        OrderRow, kept_until_of, meters_to_rotate, open_order_of_meter, order_by_id, set_cancelled,
        set_exchanged, set_fault_decision, set_schedule,
    },
};
use crate::{
    bulletins::{self, Message},
    count_file, deed,
    metering_rules::{FaultRules, RotationRules},
    meters::{self, Placement},
    readings::note_late,
};

/// Orders of one deed: a bureau's batch of a quarter.
const PLAN_MAX: i64 = 20_000;
const NOTE_MAX: usize = 1_000;
const CREW_MAX: usize = 60;

/// Makes an order for every meter whose verification ends in the period and that has none. How
/// many; asked again, it makes none.
///
/// # Errors
/// Denied, or the database's refusal.
pub async fn plan_rotation(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    plan: &RotationPlan,
) -> Result<u64, OrderError> {
    ctx.require(Right::MeterWrite, org)?;
    short("crew", &plan.crew, CREW_MAX)?;
    let found = meters_to_rotate(tx, org, plan.from, plan.to, &plan.model, PLAN_MAX).await?;
    let rows: Vec<OrderRow> = found
        .into_iter()
        .map(|(meter, usage_point, account, due_on)| {
            let crew = plan.crew.trim().to_owned();
            let subject = (meter, usage_point, account);
            OrderRow { crew, ..new_order(ctx, tx, org, "rotation", subject, due_on) }
        })
        .collect();
    let made = tx.insert_all("meter_order", &rows, OnConflict::Keep).await?;
    let after = json!({ "from": plan.from, "to": plan.to, "model": plan.model, "orders": made });
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("meter_order", org),
        "supply.meter_rotation_planned",
        after,
    )
    .await?;
    Ok(made)
}

/// Says when an order is done and by whom, and tells the customer of a rotation.
///
/// # Errors
/// [`OrderError::TooSoon`] when the customer could not be told in time, [`OrderError::Changed`],
/// denied.
pub async fn schedule(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    asked: &Schedule,
    (today, rules): (Date, &RotationRules),
) -> Result<(), OrderError> {
    ctx.require(Right::MeterWrite, org)?;
    short("crew", &asked.crew, CREW_MAX)?;
    let order = order_by_id(tx, org, asked.order).await?.ok_or(OrderError::NotFound)?;
    let is_rotation = order.kind == "rotation";
    let notice = if is_rotation { rules.notice_days } else { 0 };
    let earliest = today.checked_add(notice.days()).unwrap_or(Date::MAX);
    if asked.planned_on < earliest {
        return Err(OrderError::TooSoon { days: notice, earliest });
    }
    let crew = asked.crew.trim();
    if set_schedule(tx, org, order.id, asked.version, asked.planned_on, crew).await? == 0 {
        return Err(OrderError::Changed);
    }
    if is_rotation {
        let day = asked.planned_on;
        let zh = format!(
            "您的电能表检定有效期将到，我们计划在{day}为您免费更换。更换时会当场核对旧表止度，请留意。"
        );
        let en = format!(
            "The verification of your meter ends. We plan to exchange it on {day}, free of charge; \
             the last reading of the old meter is checked on the spot."
        );
        let message = Message {
            account: order.account,
            kind: "meter_change",
            event: order.id,
            zh: &zh,
            en: &en,
        };
        bulletins::tell(tx, org, &[message]).await?;
    }
    let after = json!({ "planned_on": asked.planned_on, "crew": crew });
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("meter_order", order.id),
        "supply.meter_order_scheduled",
        after,
    )
    .await?;
    Ok(())
}

/// Records the exchange of an order: the old meter closes, the new one opens on the same day. A
/// rotation is done with it; a fault waits for its decision.
///
/// # Errors
/// [`OrderError::NotInStock`], [`OrderError::Changed`], what `meters` refuses, denied.
pub async fn record_exchange(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    asked: &Exchange,
    rules: &RotationRules,
) -> Result<Id, OrderError> {
    ctx.require(Right::MeterWrite, org)?;
    let order = order_by_id(tx, org, asked.order).await?.ok_or(OrderError::NotFound)?;
    let hung = meters::installation_in_force(tx, org, order.usage_point)
        .await?
        .filter(|hung| hung.meter == order.meter)
        .ok_or(OrderError::NoMeter)?;
    let new = meters::meter_by_asset_no(tx, org, asked.new_asset_no.trim())
        .await?
        .filter(|meter| meter.state == "in_stock")
        .ok_or_else(|| OrderError::NotInStock(asked.new_asset_no.trim().to_owned()))?;
    if asked.closing.0.is_empty() || asked.opening.0.is_empty() {
        let reason = "both meters are read: total at least";
        return Err(OrderError::Field { field: "total", reason });
    }
    let ratio = match asked.ratio {
        Some(ratio) => ratio,
        None => Ratio::new(hung.ratio_numerator, hung.ratio_denominator).map_err(|_| {
            OrderError::Field { field: "ratio", reason: "a multiplier is positive" }
        })?,
    };
    let kept_until = asked.on.checked_add(rules.keep_months.months()).unwrap_or(Date::MAX);
    let (id, version, now) = (order.id, asked.version, tx.now());
    if set_exchanged(tx, org, id, version, new.id, asked.on, kept_until, now).await? == 0 {
        return Err(OrderError::Changed);
    }
    let reason = if order.kind == "rotation" { "周期轮换" } else { "计量故障" };
    let placement = Placement {
        meter: new.id,
        usage_point: order.usage_point,
        ratio,
        on: asked.on,
        opening: asked.opening.clone(),
    };
    meters::exchange(ctx, tx, org, (&asked.closing, reason), &placement).await?;
    let after = json!({ "new_meter": new.id, "on": asked.on, "kept_until": kept_until });
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("meter_order", id),
        "supply.meter_order_exchanged",
        after,
    )
    .await?;
    Ok(new.id)
}

/// Cancels a rotation, for example of a meter whose verification was extended by sampling.
///
/// # Errors
/// [`OrderError::NeedsDecision`] for a fault, [`OrderError::ReasonMissing`],
/// [`OrderError::Changed`], denied.
pub async fn cancel(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (order, version): (Id, i64),
    reason: &str,
) -> Result<(), OrderError> {
    ctx.require(Right::MeterWrite, org)?;
    let order = order_by_id(tx, org, order).await?.ok_or(OrderError::NotFound)?;
    if order.kind != "rotation" {
        return Err(OrderError::NeedsDecision);
    }
    let reason = given(reason)?;
    if set_cancelled(tx, org, order.id, version, reason, tx.now()).await? == 0 {
        return Err(OrderError::Changed);
    }
    let after = json!({ "reason": reason });
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("meter_order", order.id),
        "supply.meter_order_cancelled",
        after,
    )
    .await?;
    Ok(())
}

/// Opens an order for a faulty meter. `today` is the business day of the report.
///
/// # Errors
/// [`OrderError::NoMeter`], [`OrderError::HasOrder`], [`OrderError::Field`] for a kind of fault
/// that is not in the catalogue, denied.
pub async fn open_fault(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    new: &NewFault,
    (today, rules): (Date, &FaultRules),
) -> Result<Id, OrderError> {
    ctx.require(Right::MeterWrite, org)?;
    short("note", &new.note, NOTE_MAX)?;
    if !rules.kind.iter().any(|kind| kind.code == new.code) {
        return Err(OrderError::Field { field: "code", reason: "choose a kind of fault" });
    }
    let hung = meters::installation_in_force(tx, org, new.usage_point).await?;
    let hung = hung.ok_or(OrderError::NoMeter)?;
    let point = registry::premises::usage_point_by_id(tx, org, new.usage_point).await?;
    let point = point.ok_or(OrderError::NotFound)?;
    if open_order_of_meter(tx, org, hung.meter, "fault").await?.is_some() {
        return Err(OrderError::HasOrder);
    }
    let due_on = today.checked_add(rules.decide_days.days()).unwrap_or(today);
    let row = OrderRow {
        code: new.code.clone(),
        note: new.note.trim().to_owned(),
        ..new_order(ctx, tx, org, "fault", (hung.meter, point.id, point.account), due_on)
    };
    if tx.insert_all("meter_order", std::slice::from_ref(&row), OnConflict::Keep).await? == 0 {
        return Err(OrderError::HasOrder);
    }
    let after = json!({ "meter": row.meter, "code": row.code });
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("meter_order", row.id),
        "supply.meter_fault_reported",
        after,
    )
    .await?;
    Ok(row.id)
}

/// Ends a fault. `files` carry the adjusted closing read; none where what was registered stands.
///
/// # Errors
/// [`OrderError::ReasonMissing`], [`OrderError::Changed`], denied.
pub(super) async fn decide(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    order: &OrderRow,
    asked: &FaultDecision,
    (adjusted_ukwh, files): (Option<i64>, &[Manifest]),
) -> Result<(), OrderError> {
    let org = order.org;
    ctx.require(Right::ReadingEdit, org)?;
    let reason = given(&asked.reason)?;
    tx.lock("settlement", org).await?;
    let word = if adjusted_ukwh.is_some() { "adjust" } else { "no_adjust" };
    let (id, by, now) = (order.id, ctx.actor_id(), tx.now());
    let decided =
        set_fault_decision(tx, org, id, asked.version, word, adjusted_ukwh, reason, by, now);
    if decided.await? == 0 {
        return Err(OrderError::Changed);
    }
    for file in files {
        count_file(tx, org, Some(id), file).await?;
    }
    if let (Some(day), false) = (order.exchanged_on, files.is_empty()) {
        note_late(tx, org, &[(order.usage_point.get(), day)].into()).await?;
    }
    let after = json!({ "decision": word, "adjusted_ukwh": adjusted_ukwh, "reason": reason });
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("meter_order", id),
        "supply.meter_fault_decided",
        after,
    )
    .await?;
    Ok(())
}

/// Scraps a meter that was taken down, once it is no longer kept in case of doubt.
///
/// # Errors
/// [`OrderError::Kept`], [`OrderError::NotFound`] for a meter that was not taken down, denied.
pub async fn scrap(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (meter, today): (Id, Date),
) -> Result<(), OrderError> {
    ctx.require(Right::MeterWrite, org)?;
    let kept = kept_until_of(tx, org, meter).await?.flatten();
    if let Some(until) = kept.filter(|until| today < *until) {
        return Err(OrderError::Kept(until));
    }
    if meters::set_meter_state(tx, org, meter, "removed", "scrapped").await? == 0 {
        return Err(OrderError::NotFound);
    }
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("meter_order", meter),
        "supply.meter_scrapped",
        json!({ "meter": meter }),
    )
    .await?;
    Ok(())
}

fn new_order(
    ctx: &Ctx<'_>,
    tx: &Tx,
    org: Id,
    kind: &str,
    (meter, usage_point, account): (Id, Id, Id),
    due_on: Date,
) -> OrderRow {
    OrderRow {
        id: tx.next_id(),
        org,
        kind: kind.to_owned(),
        state: "open".to_owned(),
        meter,
        usage_point,
        account,
        code: String::new(),
        note: String::new(),
        due_on,
        planned_on: None,
        crew: String::new(),
        created_at: tx.now(),
        created_by: ctx.actor_id(),
        new_meter: None,
        exchanged_on: None,
        kept_until: None,
        decision: None,
        adjusted_ukwh: None,
        decision_reason: None,
        decided_at: None,
        decided_by: None,
        closed_at: None,
        version: 1,
    }
}

fn short(field: &'static str, text: &str, max: usize) -> Result<(), OrderError> {
    if text.chars().count() > max {
        return Err(OrderError::Field { field, reason: "this is too long" });
    }
    Ok(())
}

fn given(reason: &str) -> Result<&str, OrderError> {
    let reason = reason.trim();
    short("reason", reason, NOTE_MAX)?;
    if reason.is_empty() { Err(OrderError::ReasonMissing) } else { Ok(reason) }
}
