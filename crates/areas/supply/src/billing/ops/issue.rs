//! Issuing: bills that are ready become claims, and the ledger carries them. Page by page, each in
//! one transaction: a bill is issued exactly when it is booked.

use access::{Ctx, Right};
use kernel::{Currency, Date, Id, Money};
use serde_json::json;
use store::{Fact, Tx};

use crate::{
    audit,
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
        "rounding" | "fixed" | "minimum" | "penalty" => AccountCode::OtherRevenue,
        _ => AccountCode::EnergyRevenue,
    }
}

/// Issues the next `count` ready bills of a month after a bill, on a business date that the ledger
/// books them on; the last one issued, or `None` when there were none.
///
/// # Errors
/// Denied; the ledger's or the database's refusal.
pub async fn issue_ready(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (month_on, issued_on, due_on): (Date, Date, Date),
    (after, count): (Id, i64),
) -> Result<Option<Id>, BillingError> {
    ctx.require(Right::BillIssue, org)?;
    // A bill that becomes ready between the reading of the amounts and the change of the states
    // would be issued and not booked.
    tx.lock("bills", org).await?;
    let Some(last) = end_of_ready_page(tx, org, month_on, after, count).await? else {
        return Ok(None);
    };
    let mut transfers = Vec::new();
    for (bill, account, bill_no, units, kind, currency) in
        ready_amounts(tx, org, month_on, after, last).await?
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
            issued_on,
        ));
    }
    post(tx, org, &transfers).await?;
    let issued =
        issue_range(tx, org, month_on, after, last, tx.now(), ctx.actor_id(), due_on).await?;
    let payload = json!({ "period_from": month_on, "count": issued, "after": after });
    let told =
        json!({ "what": "bills issued", "count": issued, "through": last, "due_on": due_on });
    let object = format!("month:{month_on}");
    audit(ctx, tx, (org, Right::BillIssue), &object, (None, told)).await?;
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org, kind: "supply.bills_issued", subject: last, payload, actor, request })
        .await?;
    Ok(Some(last))
}
