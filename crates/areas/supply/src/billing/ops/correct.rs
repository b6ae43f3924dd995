//! The review of a bill, and correcting one (退补): with the cause and the reason, what it came to
//! before, and for an issued bill the difference in the ledger.

use std::collections::BTreeMap;

use access::{Ctx, Right};
use kernel::{Currency, Date, Id, Money, QuantityError};
use serde_json::json;
use store::Tx;

use super::{again::Recomputed, close::histories, dispute::emit, issue::revenue_of, row};
use crate::{
    audit,
    billing::{
        BillingError,
        rules::ReviewRules,
        store::{
            BillLineRow, BillRow, CorrectionRow, bill_by_id, delete_lines, delete_unissued,
            replace_bill, set_state, unissued_over,
        },
    },
    ledger::{Transfer, post},
};

/// Lets a bill that waited for review go out, or holds one that was ready.
///
/// # Errors
/// [`BillingError::Stage`], [`BillingError::Changed`], denied.
pub async fn decide_review(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (id, version): (Id, i64),
    approve: bool,
) -> Result<(), BillingError> {
    ctx.require(Right::BillReview, org)?;
    tx.lock("bills", org).await?;
    let bill = bill_by_id(tx, org, id).await?.ok_or(BillingError::NotFound)?;
    let (from, to) = if approve { ("review", "ready") } else { ("ready", "review") };
    if bill.state != from {
        return Err(BillingError::Stage { found: bill.state, needed: from });
    }
    if set_state(tx, org, id, from, to, version).await? == 0 {
        return Err(BillingError::Changed);
    }
    let kind = if approve { "supply.bill_approved" } else { "supply.bill_held" };
    let what = if approve { "approved" } else { "held" };
    let after = json!({ "what": what, "bill_no": bill.bill_no, "state": to });
    let change = (Some(json!({ "state": from })), after);
    audit(ctx, tx, (org, Right::BillReview), &format!("bill:{id}"), change).await?;
    emit(ctx, tx, org, kind, id, json!({ "bill_no": bill.bill_no })).await
}

/// Takes bills of a usage point back that are not issued and reach over a day on which the account
/// changes: the close makes them anew, for each account its own.
///
/// # Errors
/// [`BillingError::Changed`]; the database's refusal. Who calls has checked the right to make the
/// change.
pub(crate) async fn withdraw_unissued(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, usage_point): (Id, Id),
    on: Date,
) -> Result<(), BillingError> {
    tx.lock("bills", org).await?;
    for bill in unissued_over(tx, org, usage_point, on).await? {
        if delete_unissued(tx, org, bill.id, bill.version).await? == 0 {
            return Err(BillingError::Changed);
        }
        delete_lines(tx, org, bill.id).await?;
        let before = json!({ "bill_no": bill.bill_no, "total_units": bill.total_units });
        let change = (Some(before), json!({ "what": "taken back", "on": on }));
        let object = format!("bill:{}", bill.id);
        audit(ctx, tx, (org, Right::AgreementWrite), &object, change).await?;
    }
    Ok(())
}

/// Why a bill is made again.
#[derive(Debug, Clone, Copy)]
pub struct Correction<'a> {
    /// A word of the catalogue: `reading`, `meter_error`, `tariff`, `agreement`,
    /// `estimate_trued_up`, `other`.
    pub cause: &'a str,
    /// In words, printed on the correction.
    pub reason: &'a str,
    /// The business date that the ledger books it on.
    pub on: Date,
}

/// Makes a bill again from what was recomputed. A bill that was not issued is computed anew and
/// reviewed like any other; an issued one is replaced, and the ledger carries what was reversed
/// and what is claimed now. Either way the correction keeps cause, reason, before and after.
/// Returns the new bill.
///
/// # Errors
/// [`BillingError::Same`] when nothing would change, [`BillingError::ReasonMissing`],
/// [`BillingError::Stage`] for a bill that is replaced already, denied.
pub async fn correct(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    again: &Recomputed,
    rules: &ReviewRules,
    why: Correction<'_>,
) -> Result<Id, BillingError> {
    ctx.require(Right::BillCorrect, org)?;
    tx.lock("bills", org).await?;
    if why.reason.trim().is_empty() {
        return Err(BillingError::ReasonMissing);
    }
    if again.is_same() {
        return Err(BillingError::Same);
    }
    let old = &again.stored;
    let subject = row::Subject {
        org,
        account: old.account,
        agreement: again.agreement,
        usage_point: old.usage_point,
        usage_point_code: String::new(),
        transformer_area: old.transformer_area,
        month_on: old.month_on,
        period: (old.period_from, old.period_to),
    };
    let stand = (again.document, again.state_version);
    let history = histories(tx, org, subject.period, (old.usage_point, old.usage_point)).await?;
    let history =
        (rules, history.get(&(old.usage_point, old.account)).copied().unwrap_or_default());
    let (mut bill, lines) = row::rows(tx, &subject, &again.facts, &again.draft, stand, history)?;
    let mut lines_before = Vec::new();
    if old.state == "issued" {
        replace_issued(ctx, tx, (org, why.on), again, &mut bill, &lines).await?;
    } else if delete_unissued(tx, org, old.id, old.version).await? == 1 {
        delete_lines(tx, org, old.id).await?;
        bill.run = old.run;
        bill.bill_no.clone_from(&old.bill_no);
        bill.sequence = old.sequence;
        row::insert(tx, std::slice::from_ref(&bill), &lines).await?;
        lines_before = old.read_lines(&again.lines)?;
    } else if old.state == "replaced" {
        return Err(BillingError::Stage { found: old.state.clone(), needed: "not replaced yet" });
    } else {
        return Err(BillingError::Changed);
    }
    let correction = CorrectionRow {
        id: tx.next_id(),
        org,
        bill_before: old.id,
        bill_after: bill.id,
        cause: why.cause.to_owned(),
        reason: why.reason.trim().to_owned(),
        total_before_units: old.total_units,
        total_after_units: bill.total_units,
        corrected_at: tx.now(),
        corrected_by: ctx.actor_id(),
        usage_point: old.usage_point,
        period_from: old.period_from,
        lines_before: row::json("lines", &old.bill_no, serde_json::to_string(&lines_before))?,
    };
    tx.insert("bill_correction", &correction).await?;
    tell(ctx, tx, (old, &bill), &correction).await?;
    Ok(bill.id)
}

/// Tells machines and the audit trail what was corrected.
async fn tell(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (old, bill): (&BillRow, &BillRow),
    correction: &CorrectionRow,
) -> Result<(), BillingError> {
    let payload = json!({
        "bill_before": old.id,
        "cause": correction.cause,
        "total_before_units": old.total_units,
        "total_after_units": bill.total_units,
    });
    emit(ctx, tx, bill.org, "supply.bill_corrected", bill.id, payload).await?;
    let before = json!({ "bill": old.id, "bill_no": old.bill_no, "total_units": old.total_units });
    let after = json!({
        "what": "corrected", "bill_no": bill.bill_no, "total_units": bill.total_units,
        "cause": correction.cause, "reason": correction.reason,
    });
    let object = format!("bill:{}", bill.id);
    audit(ctx, tx, (bill.org, Right::BillCorrect), &object, (Some(before), after)).await?;
    Ok(())
}

async fn replace_issued(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, on): (Id, Date),
    again: &Recomputed,
    bill: &mut BillRow,
    lines: &[BillLineRow],
) -> Result<(), BillingError> {
    let old = &again.stored;
    if replace_bill(tx, org, old.id).await? == 0 {
        return Err(BillingError::Changed);
    }
    bill.sequence = old.sequence + 1;
    let plain = old.bill_no.split('/').next().unwrap_or(&old.bill_no);
    bill.bill_no = format!("{plain}/{}", bill.sequence);
    bill.state = "issued".to_owned();
    bill.replaces = Some(old.id);
    bill.due_on = old.due_on;
    bill.issued_at = Some(tx.now());
    bill.issued_by = Some(ctx.actor_id());
    row::insert(tx, std::slice::from_ref(bill), lines).await?;
    let mut transfers = claims(old, &again.lines, ("reverse", -1), on)?;
    transfers.extend(claims(bill, lines, ("bill", 1), on)?);
    post(tx, org, &transfers).await?;
    Ok(())
}

/// The transfers of a bill's lines by kind; `sign` −1 takes them back.
fn claims(
    bill: &BillRow,
    lines: &[BillLineRow],
    (word, sign): (&str, i64),
    on: Date,
) -> Result<Vec<Transfer>, BillingError> {
    let currency = Currency::from_code(&bill.currency).ok_or_else(|| BillingError::Corrupt {
        what: "currency",
        bill: bill.bill_no.clone(),
        reason: bill.currency.clone(),
    })?;
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    for line in lines {
        let sum = sums.entry(&line.kind).or_insert(Money::zero(currency));
        let amount = line.amount_units.checked_mul(sign);
        let amount = amount.ok_or(QuantityError::Overflow("amount of a line"))?;
        *sum = sum.checked_add(Money::new(amount, currency))?;
    }
    Ok(sums
        .into_iter()
        .filter_map(|(kind, amount)| {
            let id = format!("{word}:{}:{kind}", bill.id);
            let revenue = revenue_of(kind);
            Transfer::charge(id, bill.account, revenue, amount, bill.id, &bill.bill_no, on)
        })
        .collect())
}
