//! A computed bill as the rows that store it.

use kernel::{Date, Energy, Id, Money};
use store::{OnConflict, Tx};

use crate::billing::{
    BillingError, RatedBy,
    rules::{BillFacts, Draft, ReviewRules, Reviewed, review},
    store::{BillLineRow, BillRow},
};

/// Whom and what a bill is for.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub org: Id,
    pub account: Id,
    pub agreement: Id,
    pub usage_point: Id,
    pub usage_point_code: String,
    pub transformer_area: Id,
    pub month_on: Date,
    pub period: (Date, Date),
}

/// What the review compares a bill with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct History {
    pub energy_ukwh: i64,
    pub day_count: u32,
    pub open_exception_count: u32,
}

/// The row of a draft and those of its lines; the state is `review` when there is a reason.
pub(super) fn rows(
    tx: &Tx,
    subject: &Subject,
    facts: &BillFacts,
    draft: &Draft,
    (document, state_version): (Id, i64),
    (rules, history): (&ReviewRules, History),
) -> Result<(BillRow, Vec<BillLineRow>), BillingError> {
    let total = draft.bill.total_money();
    let reasons = review(
        rules,
        &Reviewed {
            energy: Energy::from_ukwh(draft.bill.energy_ukwh),
            day_count: draft.day_count,
            estimated_day_count: draft.estimated_day_count,
            open_exception_count: history.open_exception_count,
            total: Money::new(total.units(), total.currency()),
            past: (Energy::from_ukwh(history.energy_ukwh), history.day_count),
        },
    );
    // Who moves in within the month has a number of their own.
    let from = subject.period.0;
    let form = if from == subject.month_on { "%Y%m" } else { "%Y%m%d" };
    let bill_no = format!("{}-{}", from.strftime(form), subject.usage_point_code);
    let id = tx.next_id();
    let bill = BillRow {
        id,
        org: subject.org,
        run: None,
        account: subject.account,
        agreement: subject.agreement,
        usage_point: subject.usage_point,
        transformer_area: subject.transformer_area,
        month_on: subject.month_on,
        period_from: subject.period.0,
        period_to: subject.period.1,
        sequence: 1,
        state: if reasons.is_empty() { "ready" } else { "review" }.to_owned(),
        currency: total.currency().code().to_owned(),
        total_units: total.units(),
        daily_charge_units: draft.daily_charge_units,
        energy_ukwh: draft.bill.energy_ukwh,
        day_count: draft.day_count.into(),
        estimated_day_count: draft.estimated_day_count.into(),
        estimated_ukwh: draft.bill.estimated_ukwh,
        tariff_document: document,
        facts: json("facts", &bill_no, serde_json::to_string(facts))?,
        rated: json("prices", &bill_no, serde_json::to_string(&RatedBy::of(&draft.bill)))?,
        review_reasons: json("review reasons", &bill_no, serde_json::to_string(&reasons))?,
        state_version,
        replaces: None,
        due_on: None,
        issued_at: None,
        issued_by: None,
        created_at: tx.now(),
        version: 1,
        bill_no: bill_no.clone(),
    };
    let lines = line_rows(subject.org, id, &bill_no, draft)?;
    Ok((bill, lines))
}

fn line_rows(
    org: Id,
    bill: Id,
    bill_no: &str,
    draft: &Draft,
) -> Result<Vec<BillLineRow>, BillingError> {
    let mut rows = Vec::with_capacity(draft.bill.lines.len());
    for (seq, line) in (1..).zip(&draft.bill.lines) {
        let kind = serde_json::to_value(line.kind).ok();
        rows.push(BillLineRow {
            org,
            bill,
            seq,
            kind: kind.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default(),
            amount_units: line.amount.units(),
            line: json("line", bill_no, serde_json::to_string(line))?,
        });
    }
    Ok(rows)
}

/// JSON that was written, or the bill that it could not be written for.
pub(super) fn json(
    what: &'static str,
    bill_no: &str,
    value: Result<String, serde_json::Error>,
) -> Result<String, BillingError> {
    value.map_err(|error| BillingError::Corrupt {
        what,
        bill: bill_no.to_owned(),
        reason: error.to_string(),
    })
}

/// Stores bills with their lines.
pub(super) async fn insert(
    tx: &mut Tx,
    bills: &[BillRow],
    lines: &[BillLineRow],
) -> Result<(), BillingError> {
    tx.insert_all("bill", bills, OnConflict::Fail).await?;
    tx.insert_all("bill_line", lines, OnConflict::Fail).await?;
    Ok(())
}
