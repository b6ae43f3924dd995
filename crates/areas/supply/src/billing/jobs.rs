//! Closing and issuing a whole month, chunk by chunk: each chunk counts on its own, so a job that
//! was stopped goes on where it was and bills nobody twice. Also what single bills need from the
//! lake: a final bill, a dispute that is computed again, a refund by the test of a meter.

use access::Actor;
use jiff::ToSpan;
use kernel::{Date, DatePeriod, Id, Ratio};
use tariff::Entitlement;

use super::{
    BillRow, BillRunRow, BillingError, Correction, Outcome, Rechecked, Recomputed, Stand,
    answer_dispute, begin_close, bill_by_id, bill_run, chunk_inputs, commit_chunk, correct,
    dispute_by_id, final_inputs, finish_close, issue_ready, open_dispute, recompute,
    recompute_adjusted,
    rules::{MeterRefund, MeterTest, corrected_days, meter_refund},
};
use crate::{
    Works,
    agreements::{agreements_of_usage_point, ladder_from},
    blocking,
    readings::{history, settle_late},
    settlement::{Report, share_of_ladder},
    tariffs::load_book,
};

/// Bills of one chunk: large enough that opening a month of files does not count, small enough
/// that a chunk fits memory.
const CHUNK: i64 = 20_000;

/// Bills that are issued in one transaction.
const ISSUE_PAGE: i64 = 2_000;

/// Makes the bills of a period; a close that was begun goes on.
///
/// # Errors
/// What stops it, for example a day that is not settled.
pub async fn close_month(
    works: &Works,
    actor: &Actor,
    org: Id,
    period: DatePeriod,
    report: Report<'_>,
) -> Result<BillRunRow, BillingError> {
    // Readings of an import that died before it settled them again belong into these bills.
    settle_late(works, actor, org, "late_readings").await?;
    let ctx = works.ctx(actor, "close");
    let mut tx = works.db.begin().await?;
    let run = begin_close(&ctx, &mut tx, org, period).await?;
    let book = load_book(&mut tx, org).await?;
    tx.commit().await?;
    let mut after = Id::from_i64(0);
    loop {
        let mut tx = works.db.read().await?;
        let chunk = chunk_inputs(&mut tx, &run, book.clone(), (after, CHUNK)).await?;
        drop(tx);
        let Some(chunk) = chunk else { break };
        after = chunk.last().unwrap_or(after);
        let lake = works.lake.clone();
        let (chunk, result) = blocking(move || {
            let result = chunk.compute(&lake);
            (chunk, result)
        })
        .await;
        let mut tx = works.db.begin().await?;
        commit_chunk(&ctx, &mut tx, &chunk, &result?, &works.rules.review).await?;
        tx.commit().await?;
        let mut tx = works.db.read().await?;
        if let Some(now) = bill_run(&mut tx, org, run.id).await? {
            report(now.bills_done, now.bills_total, &period.from().to_string());
        }
    }
    let mut tx = works.db.begin().await?;
    finish_close(&ctx, &mut tx, &run).await?;
    let run = bill_run(&mut tx, org, run.id).await?.unwrap_or(run);
    tx.commit().await?;
    Ok(run)
}

/// Makes the final bill of an account that left a usage point, for its days in the last month.
/// Returns the bill, which is reviewed and issued like any other.
///
/// # Errors
/// As [`final_inputs`], and what the arithmetic refuses.
pub async fn final_bill(
    works: &Works,
    actor: &Actor,
    org: Id,
    (usage_point, account): (Id, Id),
) -> Result<Id, BillingError> {
    settle_late(works, actor, org, "late_readings").await?;
    let ctx = works.ctx(actor, "final bill");
    let mut tx = works.db.begin().await?;
    let book = load_book(&mut tx, org).await?;
    let chunk = final_inputs(&mut tx, org, (usage_point, account), book).await?;
    tx.commit().await?;
    let lake = works.lake.clone();
    let (chunk, result) = blocking(move || {
        let result = chunk.alone(&lake);
        (chunk, result)
    })
    .await;
    let mut tx = works.db.begin().await?;
    let made = commit_chunk(&ctx, &mut tx, &chunk, &result?, &works.rules.review).await?;
    tx.commit().await?;
    made.first().copied().ok_or(BillingError::NoDays)
}

/// Issues every ready bill of a month. The bills are due some days after `issued_on`.
///
/// # Errors
/// What stops a page; the pages before it are issued.
pub async fn issue_month(
    works: &Works,
    actor: &Actor,
    org: Id,
    (month_on, issued_on): (Date, Date),
) -> Result<(), BillingError> {
    let ctx = works.ctx(actor, "issue");
    let due_on = issued_on.checked_add(works.rules.terms.due_days.days()).unwrap_or(issued_on);
    let mut after = Id::from_i64(0);
    loop {
        let mut tx = works.db.begin().await?;
        let page = (after, ISSUE_PAGE);
        let last = issue_ready(&ctx, &mut tx, org, (month_on, issued_on, due_on), page).await?;
        tx.commit().await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// A bill computed again twice: from the inputs that it was made from, and from those of now.
/// What cannot be computed is none.
///
/// # Errors
/// When the tariffs cannot be read, or the database does not answer.
pub async fn recheck(
    works: &Works,
    org: Id,
    bill: Id,
) -> Result<(Option<Recomputed>, Option<Recomputed>), BillingError> {
    let mut tx = works.db.read().await?;
    let book = load_book(&mut tx, org).await?;
    let billed = recompute(&mut tx, &works.lake, org, bill, &book, Stand::Billed).await.ok();
    let now = recompute(&mut tx, &works.lake, org, bill, &book, Stand::Now).await.ok();
    Ok((billed, now))
}

/// Opens a dispute about an issued bill, which is computed again first: what it came to stands
/// with the dispute.
///
/// # Errors
/// As [`open_dispute`].
pub async fn dispute(
    works: &Works,
    actor: &Actor,
    org: Id,
    bill: Id,
    claim: &str,
) -> Result<Id, BillingError> {
    let (billed, now) = recheck(works, org, bill).await?;
    let checked = Rechecked::of(billed.as_ref(), now.as_ref());
    let ctx = works.ctx(actor, "dispute");
    let mut tx = works.db.begin().await?;
    let id = open_dispute(&ctx, &mut tx, org, bill, claim, checked).await?;
    tx.commit().await?;
    Ok(id)
}

/// What a test of the meter behind a bill comes to; nothing is changed.
///
/// # Errors
/// As [`meter_refund`]; [`BillingError::NoDays`] when none of the days belong to the bill's account.
pub async fn doubted_meter(
    works: &Works,
    bill: &BillRow,
    test: &MeterTest,
) -> Result<MeterRefund, BillingError> {
    let rules = &works.rules.meter_doubt;
    let period = corrected_days(rules, test)?;
    let mut tx = works.db.read().await?;
    let book = load_book(&mut tx, bill.org).await?;
    let agreements = agreements_of_usage_point(&mut tx, bill.org, bill.usage_point).await?;
    let point = registry::premises::usage_point_by_id(&mut tx, bill.org, bill.usage_point).await?;
    drop(tx);
    let opened_on = point.map_or(test.since, |point| point.opened_on);
    let begun = ladder_from(&agreements, bill.account, opened_on);
    let (mut days, _) = history(works, bill.org, bill.usage_point, period).await?;
    days.retain(|(_, row)| row.account == bill.account.get());
    let entitlement = |day: Date| -> Result<Entitlement, BillingError> {
        let row = agreements.iter().find(|row| row.valid_from <= day);
        let (share, by) = share_of_ladder(begun, day);
        Ok(Entitlement {
            family_units: u8::from(row.is_some_and(|row| row.family_of_five)),
            free_quota: row.is_some_and(|row| row.low_income),
            share: Ratio::new(share, by)?,
        })
    };
    meter_refund(rules, test, (book.library(), &entitlement), &days)
}

/// Refunds (or collects) by the test of the meter behind a disputed bill: the bill is corrected, the
/// ledger carries the difference, and the dispute is answered, all in one transaction. The
/// dispute's version makes sure that it happens once. Returns the correction.
///
/// # Errors
/// As [`doubted_meter`], [`correct`] and [`answer_dispute`].
pub async fn refund_meter_error(
    works: &Works,
    actor: &Actor,
    (org, dispute, version): (Id, Id, i64),
    test: &MeterTest,
    answer: &str,
) -> Result<Id, BillingError> {
    let mut tx = works.db.read().await?;
    let row = dispute_by_id(&mut tx, org, dispute).await?.ok_or(BillingError::NotFound)?;
    let bill = bill_by_id(&mut tx, org, row.bill).await?.ok_or(BillingError::NotFound)?;
    drop(tx);
    let refund = doubted_meter(works, &bill, test).await?;
    let mut tx = works.db.read().await?;
    let book = load_book(&mut tx, org).await?;
    let (lake, lines) = (&works.lake, &refund.lines);
    let again = recompute_adjusted(&mut tx, lake, (org, bill.id), &book, lines).await?;
    drop(tx);
    let ctx = works.ctx(actor, "meter error");
    let mut tx = works.db.begin().await?;
    let on = works.rules.zone.date_of(tx.now());
    let why = Correction { cause: "meter_error", reason: answer, on };
    let after = correct(&ctx, &mut tx, org, &again, &works.rules.review, why).await?;
    let said = (Outcome::Corrected, answer);
    answer_dispute(&ctx, &mut tx, org, (dispute, version), said).await?;
    tx.commit().await?;
    Ok(after)
}
