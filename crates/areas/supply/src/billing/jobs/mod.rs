//! Closing and issuing a whole month, chunk by chunk. Each chunk counts on its own, so a job that
//! was stopped goes on where it was and bills nobody twice.

mod doubt;

pub use doubt::{doubted_meter, refund_meter_error};

use access::Actor;
use jiff::ToSpan;
use kernel::{Date, DatePeriod, Id};

use super::{
    BillRunRow, BillingError, Rechecked, Recomputed, Stand, begin_close, bill_run, chunk_inputs,
    commit_chunk, final_inputs, finish_close, issue_ready, open_dispute, recompute,
};
use crate::{Works, blocking, readings::settle_late, settlement::Report, tariffs::load_book};

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
