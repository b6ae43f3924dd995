//! Looking again: the review of a bill, computing it again from what is stored, and correcting an
//! issued one (退补) with the difference in the ledger.

use std::{collections::BTreeMap, sync::Arc};

use access::{Ctx, Right};
use kernel::{Currency, DatePeriod, Id, Money};
use lake::{Lake, LakeError, settle::month_points};
use serde_json::json;
use store::{Fact, Tx};

use super::{close::facts, issue::revenue_of, row};
use crate::{
    billing::{
        BillingError,
        rules::{BillFacts, Draft, ReviewRules, draft},
        store::{
            BillLineRow, BillRow, CorrectionRow, agreements_of_period, bill_by_id, delete_lines,
            delete_unissued, lines_of_bill, replace_bill, set_state,
        },
    },
    ledger::{Transfer, post},
    settlement::{files_between, settled_days, working_calendar},
    tariffs::TariffBook,
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
    let bill = bill_by_id(tx, org, id).await?.ok_or(BillingError::NotFound)?;
    let (from, to) = if approve { ("review", "ready") } else { ("ready", "review") };
    if bill.state != from {
        return Err(BillingError::Stage { found: bill.state, needed: from });
    }
    if set_state(tx, org, id, from, to, version).await? == 0 {
        return Err(BillingError::Changed);
    }
    let kind = if approve { "supply.bill_approved" } else { "supply.bill_held" };
    emit(ctx, tx, org, kind, id, json!({ "bill_no": bill.bill_no })).await
}

/// A bill computed again.
#[derive(Debug)]
pub struct Recomputed {
    /// The bill as it is stored.
    pub stored: BillRow,
    /// Its stored lines.
    pub lines: Vec<BillLineRow>,
    /// What it is computed from now.
    pub facts: BillFacts,
    /// What it comes to now.
    pub draft: Draft,
    /// The version of the daily state now.
    pub state_version: i64,
    agreement: Id,
    document: Id,
}

impl Recomputed {
    /// Whether every line is what is stored, to the last byte of its arithmetic.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.lines.len() == self.draft.bill.lines.len()
            && self.lines.iter().zip(&self.draft.bill.lines).all(|(stored, line)| {
                serde_json::to_string(line).is_ok_and(|text| text == stored.line)
            })
    }
}

/// Computes a bill again from the daily state, tariffs and agreements as they are now, without
/// changing anything: the dispute mode, and the check of `lamplight verify`.
///
/// # Errors
/// [`BillingError::NotFound`], or what stops the computation.
pub async fn recompute(
    tx: &mut Tx,
    lake: &Lake,
    org: Id,
    id: Id,
    book: &Arc<TariffBook>,
) -> Result<Recomputed, BillingError> {
    let stored = bill_by_id(tx, org, id).await?.ok_or(BillingError::NotFound)?;
    let (from, to) = (stored.period_from, stored.period_to);
    let period = DatePeriod::new(from, to).map_err(|_| BillingError::Period {
        from,
        to,
        reason: "it ends before it starts",
    })?;
    let rows = agreements_of_period(tx, org, stored.usage_point, from, to).await?;
    let agreement = rows.last().ok_or(BillingError::NoDays)?.agreement;
    let before = from.yesterday().unwrap_or(from);
    let catalogue = files_between(tx, org, (before, to), &working_calendar(book)).await?;
    let usage_point = stored.usage_point.get();
    let mut found = None;
    month_points(lake, period, (usage_point, usage_point), &catalogue, |point| {
        found = Some(point);
        Ok::<(), LakeError>(())
    })?;
    let facts = facts(&rows, period);
    let draft = draft(book.library(), &facts, &found.ok_or(BillingError::NoDays)?)?;
    let versions = settled_days(tx, org, from, to).await?;
    Ok(Recomputed {
        lines: lines_of_bill(tx, org, id).await?,
        state_version: versions.iter().map(|day| day.state_version).max().unwrap_or(0),
        document: book.document_of(draft.plan).unwrap_or(stored.tariff_document),
        stored,
        facts,
        draft,
        agreement,
    })
}

/// Why a bill is made again.
#[derive(Debug, Clone, Copy)]
pub struct Correction<'a> {
    /// A word of the catalogue: `reading`, `meter_error`, `tariff`, `agreement`,
    /// `estimate_trued_up`, `other`.
    pub cause: &'a str,
    /// In words, printed on the correction.
    pub reason: &'a str,
}

/// Makes a bill again from what was recomputed. A bill that was not issued is simply computed
/// anew; an issued one is replaced, and the ledger carries what was reversed and what is claimed
/// now. Returns the new bill.
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
        period: (old.period_from, old.period_to),
    };
    let stand = (again.document, again.state_version);
    let history = (rules, row::History::default());
    let (mut bill, lines) = row::rows(tx, &subject, &again.facts, &again.draft, stand, history)?;
    bill.run = old.run;
    if old.state == "issued" {
        replace_issued(ctx, tx, org, again, &mut bill, &lines, why).await?;
    } else if delete_unissued(tx, org, old.id).await? == 1 {
        delete_lines(tx, org, old.id).await?;
        bill.bill_no.clone_from(&old.bill_no);
        bill.sequence = old.sequence;
        row::insert(tx, std::slice::from_ref(&bill), &lines).await?;
    } else {
        return Err(BillingError::Stage { found: old.state.clone(), needed: "not replaced yet" });
    }
    let payload = json!({ "bill_before": old.id, "cause": why.cause });
    emit(ctx, tx, org, "supply.bill_corrected", bill.id, payload).await?;
    Ok(bill.id)
}

async fn replace_issued(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    again: &Recomputed,
    bill: &mut BillRow,
    lines: &[BillLineRow],
    why: Correction<'_>,
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
    let mut transfers = claims(old, &again.lines, "reverse", -1)?;
    transfers.extend(claims(bill, lines, "bill", 1)?);
    post(tx, org, &transfers).await?;
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
    };
    tx.insert("bill_correction", &correction).await?;
    Ok(())
}

/// The transfers of a bill's lines by kind; `sign` −1 takes them back.
fn claims(
    bill: &BillRow,
    lines: &[BillLineRow],
    word: &str,
    sign: i64,
) -> Result<Vec<Transfer>, BillingError> {
    let currency = Currency::from_code(&bill.currency).ok_or_else(|| BillingError::Corrupt {
        what: "currency",
        bill: bill.bill_no.clone(),
        reason: bill.currency.clone(),
    })?;
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    for line in lines {
        let sum = sums.entry(&line.kind).or_insert(Money::zero(currency));
        *sum = sum.checked_add(Money::new(sign * line.amount_units, currency))?;
    }
    Ok(sums
        .into_iter()
        .filter_map(|(kind, amount)| {
            let id = format!("{word}:{}:{kind}", bill.id);
            let revenue = revenue_of(kind);
            Transfer::charge(
                id,
                bill.account,
                revenue,
                amount,
                bill.id,
                &bill.bill_no,
                bill.period_from,
            )
        })
        .collect())
}

async fn emit(
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
