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
use tariff::CapacityPart;

use super::{
    again::{StateFiles, state_files},
    row::{self, History, Subject},
};
use crate::{
    agreements::BasicCharge,
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

/// A part of a month close: the bills of some usage points.
#[derive(Debug)]
pub struct CloseChunk {
    org: Id,
    run: Id,
    period: DatePeriod,
    book: Arc<TariffBook>,
    files: StateFiles,
    agreements: Vec<BilledAgreementRow>,
    histories: BTreeMap<Id, History>,
}

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
    Ok(Some(CloseChunk { org, run: run.id, period, book, files, agreements, histories }))
}

/// What the review compares the bills of a range of usage points with: use and days of up to a
/// year before, and findings of the period that nobody has decided.
pub(super) async fn histories(
    tx: &mut Tx,
    org: Id,
    (from, to): (Date, Date),
    (first, last): (Id, Id),
) -> Result<BTreeMap<Id, History>, BillingError> {
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let mut histories: BTreeMap<Id, History> = BTreeMap::new();
    let year_before = from.checked_sub(1.year()).unwrap_or(from);
    for (usage_point, energy_ukwh, days) in
        past_use(tx, org, year_before, from, first, last).await?
    {
        let history = histories.entry(usage_point).or_default();
        (history.energy_ukwh, history.day_count) = (energy_ukwh, count(days));
    }
    for (usage_point, open) in
        open_exceptions_by_usage_point(tx, org, from, to, first, last).await?
    {
        histories.entry(usage_point).or_default().open_exception_count = count(open);
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
    /// An unreadable file. A usage point that cannot be billed is skipped, with its reason.
    pub fn compute(&self, lake: &Lake) -> Result<ChunkResult, BillingError> {
        let mut result = ChunkResult { drafts: Vec::new(), skipped: Vec::new() };
        let (Some(first), Some(last)) = (self.agreements.first(), self.agreements.last()) else {
            return Ok(result);
        };
        let range = (first.usage_point.get(), last.usage_point.get());
        let mut points = BTreeMap::new();
        month_points(lake, self.period, range, &self.files.days, |point| {
            points.insert(point.usage_point, point);
            Ok::<(), LakeError>(())
        })?;
        for rows in self.agreements.chunk_by(|a, b| a.usage_point == b.usage_point) {
            let (first, id) = (&rows[0], rows[0].usage_point);
            let mut skip = |reason, detail| result.skipped.push((id, reason, detail));
            let Some(point) = points.get(&id.get()) else {
                skip("no_days", String::new());
                continue;
            };
            // Nobody is charged for what somebody else used: a change of account is billed by
            // hand until a month can be divided.
            if rows.iter().any(|row| row.account != first.account) {
                skip("two_accounts", String::new());
                continue;
            }
            match self.one(rows, point) {
                Ok(drafted) => result.drafts.push(drafted),
                // One customer whose tariff asks for what is not known holds up nobody else.
                Err(error @ (BillingError::Tariff(_) | BillingError::NoPlan(_))) => {
                    skip("not_rated", error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(result)
    }

    fn one(
        &self,
        rows: &[BilledAgreementRow],
        point: &MonthPoint,
    ) -> Result<(Subject, BillFacts, Draft), BillingError> {
        let facts = facts(rows, self.period);
        let last = &rows[rows.len() - 1];
        let subject = Subject {
            org: self.org,
            account: last.account,
            agreement: last.agreement,
            usage_point: last.usage_point,
            usage_point_code: last.usage_point_code.clone(),
            transformer_area: last.transformer_area,
            period: (self.period.from(), self.period.to().unwrap_or(facts.to)),
        };
        let draft = draft(self.book.library(), &facts, point)?;
        Ok((subject, facts, draft))
    }
}

/// The facts of a period from the agreements that were in force in it, in order of time.
pub(super) fn facts(rows: &[BilledAgreementRow], period: DatePeriod) -> BillFacts {
    let end = period.to().unwrap_or(period.from());
    let part = |row: &BilledAgreementRow| {
        let from = row.valid_from.max(period.from());
        let to = row.valid_to.map_or(end, |to| to.min(end));
        (from, to)
    };
    let last = &rows[rows.len() - 1];
    let capacity = rows.iter().filter(|row| row.capacity_ukva > 0).map(|row| {
        let (from, to) = part(row);
        CapacityPart {
            capacity_ukva: row.capacity_ukva,
            days: u16::try_from((to - from).get_days()).unwrap_or(0),
            share: kernel::Ratio::ONE,
        }
    });
    let priced = BasicCharge::from_word(&last.basic_charge) == Some(BasicCharge::Capacity)
        || BasicCharge::from_word(&last.basic_charge) == Some(BasicCharge::ContractDemand)
        || BasicCharge::from_word(&last.basic_charge) == Some(BasicCharge::ActualDemand);
    BillFacts {
        from: part(&rows[0]).0,
        to: part(last).1,
        basic_charge: last.basic_charge.clone(),
        capacity: if priced { capacity.collect() } else { Vec::new() },
        contract_demand_ukw: last.contract_demand_ukw,
    }
}

/// Stores the bills of a chunk and counts them.
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
) -> Result<(), BillingError> {
    ctx.require(Right::SettlementRun, chunk.org)?;
    tx.lock("bills", chunk.org).await?;
    let (mut bills, mut lines): (Vec<BillRow>, Vec<BillLineRow>) = (Vec::new(), Vec::new());
    for (subject, facts, draft) in &result.drafts {
        let history = chunk.histories.get(&subject.usage_point).copied().unwrap_or_default();
        let document = chunk.book.document_of(draft.plan).unwrap_or(Id::from_i64(0));
        let (mut bill, bill_lines) = row::rows(
            tx,
            subject,
            facts,
            draft,
            (document, chunk.files.version),
            (rules, history),
        )?;
        bill.run = Some(chunk.run);
        bills.push(bill);
        lines.extend(bill_lines);
    }
    row::insert(tx, &bills, &lines).await?;
    for (usage_point, reason, detail) in &result.skipped {
        skip_usage_point(tx, chunk.org, chunk.run, *usage_point, reason, detail).await?;
    }
    set_run_progress(tx, chunk.org, chunk.run).await?;
    Ok(())
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
