//! Disputes (电费争议): what the customer says about a bill, what the bill came to when it was
//! computed again at once, and the answer. The bill itself changes only by a correction.

use access::{Ctx, Right};
use kernel::Id;
use serde_json::json;
use store::{Fact, StoreError, Tx};

use super::again::Recomputed;
use crate::{
    audit,
    billing::{
        BillingError,
        store::{DisputeRow, bill_by_id, bills_of_period, close_dispute, dispute_by_id},
    },
};

/// What a bill came to when it was computed again for a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rechecked {
    /// Whether its own inputs give the same lines.
    pub is_as_billed: bool,
    /// What the inputs of this moment give, where they give anything.
    pub total_now_units: Option<i64>,
}

impl Rechecked {
    /// The verdict over a bill computed again from its own inputs and from those of this moment.
    #[must_use]
    pub fn of(billed: Option<&Recomputed>, now: Option<&Recomputed>) -> Self {
        Self {
            is_as_billed: billed.is_some_and(Recomputed::is_same),
            total_now_units: now.map(|again| again.draft.bill.total.units()),
        }
    }
}

/// How a dispute ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The bill stands.
    Upheld,
    /// A correction took its place.
    Corrected,
}

impl Outcome {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::Corrected => "corrected",
        }
    }
}

/// Opens a dispute about an issued bill: its customer, or staff who may read it for them.
///
/// # Errors
/// [`BillingError::Stage`] for a bill that is not issued, [`BillingError::Disputed`] when one is
/// open already, [`BillingError::ReasonMissing`], denied.
pub async fn open_dispute(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    bill: Id,
    claim: &str,
    checked: Rechecked,
) -> Result<Id, BillingError> {
    let bill = bill_by_id(tx, org, bill).await?.ok_or(BillingError::NotFound)?;
    ctx.require_own(Right::BillRead, org, bill.account)?;
    if bill.state != "issued" {
        return Err(BillingError::Stage { found: bill.state, needed: "issued" });
    }
    let claim = claim.trim();
    if claim.is_empty() {
        return Err(BillingError::ReasonMissing);
    }
    let row = DisputeRow {
        id: tx.next_id(),
        org,
        bill: bill.id,
        account: bill.account,
        state: "open".to_owned(),
        claim: claim.to_owned(),
        opened_at: tx.now(),
        opened_by: ctx.actor_name().to_owned(),
        is_as_billed: checked.is_as_billed,
        total_billed_units: bill.total_units,
        total_now_units: checked.total_now_units,
        outcome: None,
        answer: None,
        bill_after: None,
        closed_at: None,
        closed_by: None,
        version: 1,
    };
    match tx.insert("bill_dispute", &row).await {
        Err(StoreError::Unique { .. }) => return Err(BillingError::Disputed),
        done => done?,
    };
    let payload = json!({ "bill": bill.id, "is_as_billed": checked.is_as_billed });
    let after = json!({ "what": "disputed", "bill_no": bill.bill_no });
    let object = format!("dispute:{}", row.id);
    audit(ctx, tx, (org, Right::BillRead), &object, (None, after)).await?;
    emit(ctx, tx, org, "supply.bill_disputed", row.id, payload).await?;
    Ok(row.id)
}

/// Closes a dispute with an answer. The bill was corrected before, or it stands.
///
/// # Errors
/// [`BillingError::Stage`] when no correction took the bill's place, [`BillingError::Changed`],
/// [`BillingError::ReasonMissing`], denied.
pub async fn answer_dispute(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (id, version): (Id, i64),
    (outcome, answer): (Outcome, &str),
) -> Result<DisputeRow, BillingError> {
    ctx.require(Right::BillReview, org)?;
    let answer = answer.trim();
    if answer.is_empty() {
        return Err(BillingError::ReasonMissing);
    }
    let row = dispute_by_id(tx, org, id).await?.ok_or(BillingError::NotFound)?;
    let bill = bill_by_id(tx, org, row.bill).await?.ok_or(BillingError::NotFound)?;
    let after = match outcome {
        Outcome::Upheld if bill.state == "issued" => None,
        Outcome::Corrected if bill.state == "replaced" => {
            let bills = bills_of_period(tx, org, bill.usage_point, bill.period_from).await?;
            bills.last().map(|bill| bill.id)
        }
        Outcome::Upheld => {
            return Err(BillingError::Stage { found: bill.state, needed: "issued" });
        }
        Outcome::Corrected => {
            return Err(BillingError::Stage { found: bill.state, needed: "replaced" });
        }
    };
    let (by, now) = (ctx.actor_id(), tx.now());
    if close_dispute(tx, org, id, version, outcome.word(), answer, after, by, now).await? == 0 {
        return Err(BillingError::Changed);
    }
    let payload = json!({ "bill": row.bill, "outcome": outcome.word(), "bill_after": after });
    let closed = json!({ "what": "dispute answered", "outcome": outcome.word(), "answer": answer });
    let change = (Some(json!({ "state": "open", "bill_no": bill.bill_no })), closed);
    audit(ctx, tx, (org, Right::BillReview), &format!("dispute:{id}"), change).await?;
    emit(ctx, tx, org, "supply.dispute_closed", id, payload).await?;
    dispute_by_id(tx, org, id).await?.ok_or(BillingError::NotFound)
}

pub(super) async fn emit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    kind: &'static str,
    subject: Id,
    payload: serde_json::Value,
) -> Result<(), BillingError> {
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org, kind, subject, payload, actor, request }).await?;
    Ok(())
}
