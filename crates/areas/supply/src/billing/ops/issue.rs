//! Issuing: bills that are ready become claims, and the ledger carries them. Page by page, each in
//! one transaction: a bill is issued exactly when it is booked.

use access::{Ctx, Right};
use kernel::{Currency, Date, Id, Money};
use serde_json::json;
use store::{Fact, Tx};

use crate::{
    billing::{
        BillingError,
        store::{end_of_ready_page, issue_range, ready_amounts},
    },
    ledger::{AccountCode, Transfer, post},
};

/// Which account of the ledger a kind of line belongs to, by the engine's word.
pub(super) fn revenue_of(kind: &str) -> AccountCode {
    match kind {
        "demand" => AccountCode::BasicRevenue,
        "power_factor" => AccountCode::PowerFactor,
        "rounding" | "fixed" | "minimum" | "adjustment" | "penalty" => AccountCode::OtherRevenue,
        _ => AccountCode::EnergyRevenue,
    }
}

/// Issues the next `count` ready bills of a period after a bill; the last one issued, or `None`
/// when there were none.
///
/// # Errors
/// Denied; the ledger's or the database's refusal.
pub async fn issue_ready(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (period_from, due_on): (Date, Date),
    (after, count): (Id, i64),
) -> Result<Option<Id>, BillingError> {
    ctx.require(Right::BillIssue, org)?;
    // A bill that becomes ready between the reading of the amounts and the change of the states
    // would be issued and not booked.
    tx.lock("bills", org).await?;
    let Some(last) = end_of_ready_page(tx, org, period_from, after, count).await? else {
        return Ok(None);
    };
    let mut transfers = Vec::new();
    for (bill, account, bill_no, units, kind, currency) in
        ready_amounts(tx, org, period_from, after, last).await?
    {
        let currency = Currency::from_code(&currency).ok_or_else(|| BillingError::Corrupt {
            what: "currency",
            bill: bill_no.clone(),
            reason: currency,
        })?;
        let id = format!("bill:{bill}:{kind}");
        let amount = Money::new(units, currency);
        transfers.extend(Transfer::charge(
            id,
            account,
            revenue_of(&kind),
            amount,
            bill,
            &bill_no,
            period_from,
        ));
    }
    post(tx, org, &transfers).await?;
    let issued =
        issue_range(tx, org, period_from, after, last, tx.now(), ctx.actor_id(), due_on).await?;
    let payload = json!({ "period_from": period_from, "count": issued, "after": after });
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org, kind: "supply.bills_issued", subject: last, payload, actor, request })
        .await?;
    Ok(Some(last))
}
