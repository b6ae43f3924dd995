//! Month close: every usage point that was supplied in the period gets its bill, in chunks that
//! each count on their own, so that a close that was stopped goes on where it was.

use std::{collections::BTreeMap, sync::Arc};

use access::{Ctx, Right};
use jiff::ToSpan;
use kernel::{Date, DatePeriod, Id};
use lake::{
    Lake, LakeError,
    settle::{MonthPoint, month_points},
};
use serde_json::json;
use store::{Fact, Tx};

use super::{
    again::{StateFiles, state_files},
    facts::facts,
    row::{self, History, Subject},
};
use crate::{
    audit,
    billing::{
        BillingError,
        rules::{BillFacts, Draft, ReviewRules, draft},
        store::{
            BillLineRow, BillRow, BillRunRow, BilledAgreementRow, agreements_to_bill, bill_run_of,
            finish_run, forget_skipped, open_exceptions_by_usage_point, past_use, reopen_run,
            set_run_progress, skip_usage_point, unbilled_count,
        },
    },
    settlement::settled_days,
    tariffs::TariffBook,
};

/// A part of a month close: the bills of some usage points. Or a final bill alone.
#[derive(Debug)]
pub struct CloseChunk {
    pub(super) org: Id,
    /// The close; none for a final bill, which waits for no month to end.
    pub(super) run: Option<Id>,
    /// The month, as far as it is closed.
    pub(super) period: DatePeriod,
    pub(super) book: Arc<TariffBook>,
    pub(super) files: StateFiles,
    pub(super) agreements: Vec<BilledAgreementRow>,
    pub(super) histories: Histories,
}

/// What the review compares bills with, by usage point and account.
pub(super) type Histories = BTreeMap<(Id, Id), History>;

/// The bills of a chunk, computed and not yet stored.
#[derive(Debug)]
pub struct ChunkResult {
    drafts: Vec<(Subject, BillFacts, Draft)>,
    /// Usage points of the chunk that get no bill: which, why, and the engine's words.
    pub skipped: Vec<(Id, &'static str, String)>,
}

/// Opens the close of a calendar month, or finds the one that was begun.
///
/// # Errors
/// [`BillingError::Period`] for a period that is not over, [`BillingError::NotSettled`] with the
/// first day that is missing, denied.
pub async fn begin_close(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    period: DatePeriod,
) -> Result<BillRunRow, BillingError> {
    ctx.require(Right::SettlementRun, org)?;
    if let Some(run) = bill_run_of(tx, org, period.from()).await? {
        // Who got no bill is tried again: what was in the way may have been put right.
        if forget_skipped(tx, org, run.id).await? > 0 {
            reopen_run(tx, org, run.id).await?;
        }
        return Ok(bill_run_of(tx, org, period.from()).await?.unwrap_or(run));
    }
    let to = period.to().ok_or(BillingError::Period {
        from: period.from(),
        to: period.from(),
        reason: "a period needs an end",
    })?;
    let mut settled = settled_days(tx, org, period.from(), to).await?.into_iter().peekable();
    for day in period.iter_days() {
        if settled.next_if(|row| row.day == day).is_none() {
            return Err(BillingError::NotSettled(day));
        }
    }
    let run = BillRunRow {
        id: tx.next_id(),
        org,
        period_from: period.from(),
        period_to: to,
        state: "running".to_owned(),
        bills_done: 0,
        bills_total: unbilled_count(tx, org, period.from(), to).await?,
        started_at: tx.now(),
        finished_at: None,
        started_by: ctx.actor_id(),
        message: None,
    };
    tx.insert("bill_run", &run).await?;
    let begun = json!({ "what": "month close begun", "month": run.period_from });
    let (whose, object) = ((org, Right::SettlementRun), format!("bill_run:{}", run.id));
    audit(ctx, tx, whose, &object, (None, begun)).await?;
    Ok(run)
}

/// Reads what the next chunk of bills stands on; `None` when every usage point has its bill.
///
/// # Errors
/// When the database does not answer.
pub async fn chunk_inputs(
    tx: &mut Tx,
    run: &BillRunRow,
    book: Arc<TariffBook>,
    (after, count): (Id, i64),
) -> Result<Option<CloseChunk>, BillingError> {
    let (org, from, to) = (run.org, run.period_from, run.period_to);
    let agreements = agreements_to_bill(tx, org, run.id, from, to, after, count).await?;
    let (Some(first), Some(last)) = (agreements.first(), agreements.last()) else {
        return Ok(None);
    };
    let range = (first.usage_point, last.usage_point);
    let histories = histories(tx, org, (from, to), range).await?;
    let period = DatePeriod::new(from, to).map_err(|_| BillingError::Period {
        from,
        to,
        reason: "it ends before it starts",
    })?;
    let files = state_files(tx, org, (from, to), None).await?;
    let run = Some(run.id);
    Ok(Some(CloseChunk { org, run, period, book, files, agreements, histories }))
}

/// What the review compares the bills of a range of usage points with: use and days of the same
/// account up to a year before, and findings of the period that nobody has decided.
pub(super) async fn histories(
    tx: &mut Tx,
    org: Id,
    (from, to): (Date, Date),
    (first, last): (Id, Id),
) -> Result<Histories, BillingError> {
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let mut histories = Histories::new();
    let year_before = from.checked_sub(1.year()).unwrap_or(from);
    for (usage_point, account, energy_ukwh, days) in
        past_use(tx, org, year_before, from, first, last).await?
    {
        let history = histories.entry((usage_point, account)).or_default();
        (history.energy_ukwh, history.day_count) = (energy_ukwh, count(days));
    }
    for (usage_point, account, open) in
        open_exceptions_by_usage_point(tx, org, from, to, first, last).await?
    {
        histories.entry((usage_point, account)).or_default().open_exception_count = count(open);
    }
    Ok(histories)
}

impl CloseChunk {
    /// The last usage point of the chunk: the next one begins after it.
    #[must_use]
    pub fn last(&self) -> Option<Id> {
        self.agreements.last().map(|row| row.usage_point)
    }

    /// Computes the bills. Reads the lake and touches no database.
    ///
    /// # Errors
    /// An unreadable file. Days that cannot be billed are skipped, with their reason.
    pub fn compute(&self, lake: &Lake) -> Result<ChunkResult, BillingError> {
        let mut result = ChunkResult { drafts: Vec::new(), skipped: Vec::new() };
        let (Some(first), Some(last)) = (self.agreements.first(), self.agreements.last()) else {
            return Ok(result);
        };
        let range = (first.usage_point.get(), last.usage_point.get());
        let mut points: BTreeMap<i64, Vec<MonthPoint>> = BTreeMap::new();
        month_points(lake, self.period, range, &self.files.days, |point| {
            points.entry(point.usage_point).or_default().push(point);
            Ok::<(), LakeError>(())
        })?;
        // Where the account changes within the month, each is billed for its own days.
        let same = |a: &BilledAgreementRow, b: &BilledAgreementRow| {
            (a.usage_point, a.account) == (b.usage_point, b.account)
        };
        for rows in self.agreements.chunk_by(same) {
            let id = rows[0].usage_point;
            let parts = points.get(&id.get()).map_or(&[][..], Vec::as_slice);
            match self.one(rows, parts) {
                Ok(drafted) => result.drafts.push(drafted),
                // One customer who cannot be billed holds up nobody else.
                Err(error) => {
                    let (reason, detail) = skip_reason(error)?;
                    result.skipped.push((id, reason, detail));
                }
            }
        }
        Ok(result)
    }

    /// As [`CloseChunk::compute`], for a final bill: what is in its way is an error.
    ///
    /// # Errors
    /// [`BillingError::NoDays`], [`BillingError::OtherAccount`], what the tariff refuses.
    pub fn alone(&self, lake: &Lake) -> Result<ChunkResult, BillingError> {
        let first = self.agreements.first().ok_or(BillingError::NoDays)?;
        let (range, mut parts) = ((first.usage_point.get(), first.usage_point.get()), Vec::new());
        month_points(lake, self.period, range, &self.files.days, |point| {
            parts.push(point);
            Ok::<(), LakeError>(())
        })?;
        let drafts = vec![self.one(&self.agreements, &parts)?];
        Ok(ChunkResult { drafts, skipped: Vec::new() })
    }

    fn one(
        &self,
        rows: &[BilledAgreementRow],
        parts: &[MonthPoint],
    ) -> Result<(Subject, BillFacts, Draft), BillingError> {
        let facts = facts(rows, self.period)?;
        let last = &rows[rows.len() - 1];
        let point = part_of(parts, last.account, (facts.from, facts.to))?;
        let subject = Subject {
            org: self.org,
            account: last.account,
            agreement: last.agreement,
            usage_point: last.usage_point,
            usage_point_code: last.usage_point_code.clone(),
            transformer_area: last.transformer_area,
            month_on: self.period.from(),
            period: (facts.from, facts.to),
        };
        let draft = draft(self.book.library(), &facts, point)?;
        Ok((subject, facts, draft))
    }
}

/// The settled days of an account within `[from, to)`. Nobody is charged for what somebody else
/// used: where days were settled for another account than agreed, there is no bill.
fn part_of(
    parts: &[MonthPoint],
    account: Id,
    (from, to): (Date, Date),
) -> Result<&MonthPoint, BillingError> {
    let mut within = parts.iter().filter(|part| part.first_on < to && part.last_on >= from);
    let part = within.next().ok_or(BillingError::NoDays)?;
    let alone = within.next().is_none() && part.first_on >= from && part.last_on < to;
    if alone && part.account == account.get() { Ok(part) } else { Err(BillingError::OtherAccount) }
}

/// Why a usage point gets no bill, with the engine's words; an error that is about more than this
/// one is passed on.
fn skip_reason(error: BillingError) -> Result<(&'static str, String), BillingError> {
    Ok(match error {
        BillingError::NoDays => ("no_days", String::new()),
        BillingError::OtherAccount => ("other_account", String::new()),
        BillingError::NoDemand => ("no_demand", String::new()),
        BillingError::NoReactive => ("no_reactive", String::new()),
        BillingError::Tariff(_) | BillingError::NoPlan(_) => ("not_rated", error.to_string()),
        error => return Err(error),
    })
}

/// Stores the bills of a chunk and counts them. The bills.
///
/// # Errors
/// The database's refusal: a usage point that got its bill meanwhile fails the whole chunk, which
/// is then read again.
pub async fn commit_chunk(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    chunk: &CloseChunk,
    result: &ChunkResult,
    rules: &ReviewRules,
) -> Result<Vec<Id>, BillingError> {
    ctx.require(Right::SettlementRun, chunk.org)?;
    tx.lock("bills", chunk.org).await?;
    let (mut bills, mut lines): (Vec<BillRow>, Vec<BillLineRow>) = (Vec::new(), Vec::new());
    for (subject, facts, draft) in &result.drafts {
        let whose = (subject.usage_point, subject.account);
        let history = chunk.histories.get(&whose).copied().unwrap_or_default();
        let document = chunk.book.document_of(draft.plan).unwrap_or(Id::from_i64(0));
        let (mut bill, bill_lines) = row::rows(
            tx,
            subject,
            facts,
            draft,
            (document, chunk.files.version),
            (rules, history),
        )?;
        bill.run = chunk.run;
        bills.push(bill);
        lines.extend(bill_lines);
    }
    row::insert(tx, &bills, &lines).await?;
    if let Some(run) = chunk.run {
        for (usage_point, reason, detail) in &result.skipped {
            skip_usage_point(tx, chunk.org, run, *usage_point, reason, detail).await?;
        }
        set_run_progress(tx, chunk.org, run).await?;
    } else {
        for bill in &bills {
            let made = json!({
                "what": "final bill", "bill_no": bill.bill_no, "total_units": bill.total_units,
            });
            let object = format!("bill:{}", bill.id);
            audit(ctx, tx, (chunk.org, Right::SettlementRun), &object, (None, made)).await?;
        }
    }
    Ok(bills.iter().map(|bill| bill.id).collect())
}

/// Ends a close whose chunks are all stored.
///
/// # Errors
/// When the database does not answer, or denied.
pub async fn finish_close(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    run: &BillRunRow,
) -> Result<(), BillingError> {
    ctx.require(Right::SettlementRun, run.org)?;
    if finish_run(tx, run.org, run.id, "done", tx.now(), None).await? > 0 {
        let payload = json!({ "period_from": run.period_from });
        let closed = json!({ "what": "month closed", "month": run.period_from });
        let (whose, object) = ((run.org, Right::SettlementRun), format!("bill_run:{}", run.id));
        audit(ctx, tx, whose, &object, (None, closed)).await?;
        tx.emit(Fact {
            org: run.org,
            kind: "supply.month_closed",
            subject: run.id,
            payload,
            actor: ctx.actor_name(),
            request: ctx.request,
        })
        .await?;
    }
    Ok(())
}
