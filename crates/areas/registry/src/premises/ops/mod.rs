//! What is done to accounts and usage points: registration, a change of 台区, closing.

mod known;
pub mod load;

use access::{Ctx, Right};
use kernel::{Date, Id};
use serde_json::json;
use store::Tx;

use super::{
    ops::load::{LoadOutcome, Loaded, load_customers},
    store::{self as sql, UsagePointMove},
};
use crate::{CustomerForm, FieldError, RegistryError, network, trace::Change, words::normal};

/// Moves a usage point to another 台区.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveUsagePoint {
    /// The organisation.
    pub org: Id,
    /// Which one.
    pub usage_point: Id,
    /// The version that the move was decided on.
    pub version: i64,
    /// The new 台区.
    pub transformer_area: Id,
    /// The first day there.
    pub on: Date,
    /// Why: work on the line, a correction of the record.
    pub reason: String,
}

/// Closes an account and what it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseAccount {
    /// The organisation.
    pub org: Id,
    /// Which one.
    pub account: Id,
    /// The version that the closing was decided on.
    pub version: i64,
    /// The first day on which it is no longer open.
    pub on: Date,
}

/// Registers a customer: person, account, place and usage point in one. A document that is known
/// leads to the person who has it; a known account gets one more usage point.
///
/// # Errors
/// Denied; every wrong field; the usage point exists already.
pub async fn register_customer(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    form: &CustomerForm,
) -> Result<Loaded, RegistryError> {
    ctx.require(Right::CustomerWrite, org)?;
    let customer = form.parse().map_err(RegistryError::Invalid)?;
    // Two registrations of one number wait for each other, so that the second sees the first.
    tx.lock("registry.register", org).await?;
    let outcome = load_customers(tx, org, std::slice::from_ref(&customer)).await?.pop();
    let loaded = match outcome {
        Some(LoadOutcome::Added(loaded)) => loaded,
        Some(LoadOutcome::Refused(faults)) => return Err(RegistryError::Invalid(faults)),
        _ => {
            return Err(RegistryError::Taken {
                what: "usage point",
                value: customer.usage_point_code,
                hint: "look at the customer who has it, or choose another code",
            });
        }
    };
    let payload = json!({
        "person": loaded.person, "account": loaded.account, "account_no": customer.account_no,
        "usage_point": loaded.usage_point, "code": customer.usage_point_code,
        "class": customer.class, "voltage": customer.voltage,
        "opened_on": customer.opened_on.to_string(),
    });
    Change::new(org, "registry.customer_registered", "account", loaded.account, payload)
        .write(ctx, tx)
        .await?;
    Ok(loaded)
}

/// Moves a usage point to another 台区 from a day on, and keeps where it was before.
///
/// # Errors
/// Denied, not found, changed meanwhile, a day before its last move, or no reason.
pub async fn move_usage_point(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: MoveUsagePoint,
) -> Result<(), RegistryError> {
    let MoveUsagePoint { org, usage_point: id, version, transformer_area, on, reason } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let invalid =
        |field, message: String| RegistryError::Invalid(vec![FieldError { field, message }]);
    let reason = normal::line(&reason, 200).map_err(|e| invalid("reason", e.to_string()))?;
    let point = sql::usage_point_by_id(tx, org, id)
        .await?
        .ok_or_else(|| RegistryError::not_found("usage point", id))?;
    let area = network::store::area_by_id(tx, org, transformer_area)
        .await?
        .ok_or_else(|| RegistryError::not_found("台区", transformer_area))?;
    if point.transformer_area == Some(area.id) {
        return Err(RegistryError::State(format!("it is in the 台区 {} already", area.code)));
    }
    let last = sql::moves_of(tx, id).await?.last().map_or(point.opened_on, |m| m.moved_on);
    if on < last {
        return Err(invalid("on", format!("write a day not before {last}, the last change")));
    }
    if sql::move_usage_point(tx, id, version, Some(area.id)).await? != 1 {
        return Err(RegistryError::Changed { what: "usage point", id });
    }
    let row = UsagePointMove {
        id: tx.next_id(),
        org,
        usage_point: id,
        area_before: point.transformer_area,
        area_after: Some(area.id),
        moved_on: on,
        reason,
        recorded_at: tx.now(),
    };
    tx.insert("usage_point_move", &row).await?;
    let before = json!({ "transformer_area": point.transformer_area });
    let after = json!({
        "usage_point": id, "area_before": point.transformer_area, "area_after": area.id,
        "moved_on": on.to_string(), "reason": row.reason,
    });
    let change = Change::new(org, "registry.usage_point_moved", "usage_point", id, after);
    Change { before: Some(&before), ..change }.write(ctx, tx).await?;
    Ok(())
}

/// Closes an account, and every usage point that it still has in service, on a day. What it owes
/// is the business of `supply`, which hears of it by the fact.
///
/// # Errors
/// Denied, not found, closed already, changed meanwhile, or a day before it was opened.
pub async fn close_account(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: CloseAccount,
) -> Result<(), RegistryError> {
    let CloseAccount { org, account: id, version, on } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let account = sql::account_by_id(tx, org, id)
        .await?
        .ok_or_else(|| RegistryError::not_found("account", id))?;
    if let Some(closed_on) = account.closed_on {
        return Err(RegistryError::State(format!("the account was closed on {closed_on} already")));
    }
    let points = sql::usage_points_of_account(tx, id).await?;
    let opened = points.iter().filter(|p| p.closed_on.is_none()).map(|p| p.opened_on);
    let first = opened.chain([account.opened_on]).max().unwrap_or(account.opened_on);
    if on < first {
        let message = format!("write a day not before {first}, when it was opened");
        return Err(RegistryError::Invalid(vec![FieldError { field: "on", message }]));
    }
    if sql::close_account(tx, id, version, on).await? != 1 {
        return Err(RegistryError::Changed { what: "account", id });
    }
    sql::close_usage_points(tx, id, on).await?;
    let open = points.iter().filter(|p| p.closed_on.is_none());
    let payload = json!({
        "account": id, "account_no": account.account_no, "closed_on": on.to_string(),
        "usage_points": open.map(|p| p.id).collect::<Vec<_>>(),
    });
    Change::new(org, "registry.account_closed", "account", id, payload).write(ctx, tx).await?;
    Ok(())
}
