//! Computing a bill again: from the inputs that it was made from, which proves its arithmetic, or
//! from those of this moment, which shows what was settled or agreed since. Nothing is changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kernel::{Date, DatePeriod, Id};
use lake::{
    Lake, LakeError,
    settle::{DayFiles, MonthPoint, month_of_point, month_points},
    tables::StateRow,
};
use store::{Tx, lake_files_between};
use tariff::AdjustedEnergy;

use super::facts::facts;
use crate::{
    billing::{
        BillingError,
        rules::{BillFacts, Draft, draft},
        store::{BillLineRow, BillRow, agreements_of_period, bill_by_id, lines_of_bill},
    },
    blocking,
    tariffs::TariffBook,
};

/// Which inputs a bill is computed again from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Those that it was made from: the versions of the daily state that it names, and the facts
    /// stored with it.
    Billed,
    /// The daily state and the agreements as they are now.
    Now,
}

/// A bill computed again.
#[derive(Debug)]
pub struct Recomputed {
    /// The bill as it is stored.
    pub stored: BillRow,
    /// Its stored lines.
    pub lines: Vec<BillLineRow>,
    /// What it is computed from.
    pub facts: BillFacts,
    /// What it comes to.
    pub draft: Draft,
    /// The newest version of the daily state that it stands on.
    pub state_version: i64,
    /// The days that it adds up.
    pub days: Vec<(Date, StateRow)>,
    /// The state before the first of them.
    pub before: Option<StateRow>,
    pub(super) agreement: Id,
    pub(super) document: Id,
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

/// What the computation of one bill reads beside the lake.
struct Inputs {
    stored: BillRow,
    lines: Vec<BillLineRow>,
    facts: BillFacts,
    agreement: Id,
}

/// Computes a bill again. The files are read where that does not hold up other requests, each once.
///
/// # Errors
/// [`BillingError::NotFound`], or what stops the computation.
pub async fn recompute(
    tx: &mut Tx,
    lake: &Lake,
    org: Id,
    id: Id,
    book: &Arc<TariffBook>,
    stand: Stand,
) -> Result<Recomputed, BillingError> {
    let stored = bill_by_id(tx, org, id).await?.ok_or(BillingError::NotFound)?;
    compute_again(tx, lake, (stored, stand), book, &[]).await
}

async fn compute_again(
    tx: &mut Tx,
    lake: &Lake,
    (stored, stand): (BillRow, Stand),
    book: &Arc<TariffBook>,
    more: &[AdjustedEnergy],
) -> Result<Recomputed, BillingError> {
    let (period, through) = basis(&stored, stand)?;
    let days = (stored.period_from, stored.period_to);
    let files = state_files(tx, stored.org, days, through).await?;
    let mut inputs = inputs(tx, stored, stand).await?;
    inputs.facts.adjusted.extend_from_slice(more);
    let (lake, book) = (lake.clone(), Arc::clone(book));
    blocking(move || {
        let usage_point = inputs.stored.usage_point.get();
        let (point, days) = month_of_point(&lake, period, usage_point, &files.days)?;
        let point = point.ok_or(BillingError::NoDays)?;
        Ok(Recomputed { days, ..inputs.compute(&book, &point, files.version)? })
    })
    .await
}

/// As [`recompute`] from what counts now, with more refunds or collections on the bill.
///
/// # Errors
/// As [`recompute`].
pub async fn recompute_adjusted(
    tx: &mut Tx,
    lake: &Lake,
    (org, id): (Id, Id),
    book: &Arc<TariffBook>,
    more: &[AdjustedEnergy],
) -> Result<Recomputed, BillingError> {
    let stored = bill_by_id(tx, org, id).await?.ok_or(BillingError::NotFound)?;
    compute_again(tx, lake, (stored, Stand::Now), book, more).await
}

/// Computes bills again as [`recompute`] does, without their days: the files of the period are read
/// once for all. The bills are of one period and stand on one version of the daily state. One
/// answer for each, in their order.
///
/// # Errors
/// The lake or the database.
pub async fn recompute_all(
    tx: &mut Tx,
    lake: &Lake,
    org: Id,
    bills: &[BillRow],
    book: &Arc<TariffBook>,
    stand: Stand,
) -> Result<Vec<Result<Recomputed, BillingError>>, BillingError> {
    let points = || bills.iter().map(|bill| bill.usage_point.get());
    let (Some(first), Some(least), Some(most)) = (bills.first(), points().min(), points().max())
    else {
        return Ok(Vec::new());
    };
    let (period, through) = basis(first, stand)?;
    let files = state_files(tx, org, (first.period_from, first.period_to), through).await?;
    let wanted: BTreeSet<i64> = points().collect();
    let mut all = Vec::with_capacity(bills.len());
    for bill in bills {
        all.push(inputs(tx, bill.clone(), stand).await);
    }
    let (lake, book) = (lake.clone(), Arc::clone(book));
    blocking(move || {
        let mut points = BTreeMap::new();
        month_points(&lake, period, (least, most), &files.days, |point| {
            if wanted.contains(&point.usage_point) {
                points.insert(point.usage_point, point);
            }
            Ok::<(), LakeError>(())
        })?;
        let one = |inputs: Result<Inputs, BillingError>| {
            let inputs = inputs?;
            let point = points.get(&inputs.stored.usage_point.get());
            inputs.compute(&book, point.ok_or(BillingError::NoDays)?, files.version)
        };
        Ok(all.into_iter().map(one).collect())
    })
    .await
}

/// The period of a bill, and the newest version of the daily state that it is computed from.
fn basis(stored: &BillRow, stand: Stand) -> Result<(DatePeriod, Option<i64>), BillingError> {
    let (from, to) = (stored.period_from, stored.period_to);
    let reason = "it ends before it starts";
    let period =
        DatePeriod::new(from, to).map_err(|_| BillingError::Period { from, to, reason })?;
    Ok((period, (stand == Stand::Billed).then_some(stored.state_version)))
}

async fn inputs(tx: &mut Tx, stored: BillRow, stand: Stand) -> Result<Inputs, BillingError> {
    let (org, from, to) = (stored.org, stored.period_from, stored.period_to);
    let (facts, agreement) = match stand {
        Stand::Billed => (stored.read("facts", &stored.facts)?, stored.agreement),
        Stand::Now => {
            let (period, _) = basis(&stored, stand)?;
            let mut rows = agreements_of_period(tx, org, stored.usage_point, from, to).await?;
            rows.retain(|row| row.account == stored.account);
            let agreement = rows.last().ok_or(BillingError::NoDays)?.agreement;
            // What was refunded on this bill stays, whatever else changed since.
            let kept: BillFacts = stored.read("facts", &stored.facts)?;
            (BillFacts { adjusted: kept.adjusted, ..facts(&rows, period)? }, agreement)
        }
    };
    let lines = lines_of_bill(tx, org, stored.id).await?;
    Ok(Inputs { stored, lines, facts, agreement })
}

impl Inputs {
    fn compute(
        self,
        book: &TariffBook,
        point: &MonthPoint,
        version: i64,
    ) -> Result<Recomputed, BillingError> {
        let Self { stored, lines, facts, agreement } = self;
        let draft = draft(book.library(), &facts, point)?;
        Ok(Recomputed {
            document: book.document_of(draft.plan).unwrap_or(stored.tariff_document),
            state_version: version,
            stored,
            lines,
            facts,
            draft,
            days: Vec::new(),
            before: point.before.as_deref().copied(),
            agreement,
        })
    }
}

/// The files of the daily state behind a period.
#[derive(Debug)]
pub(super) struct StateFiles {
    /// By day, with the day before the period.
    pub days: BTreeMap<Date, DayFiles>,
    /// The newest version among the period's days: with it the bill can be computed again from
    /// the same files, whatever is laid over them later.
    pub version: i64,
}

/// The files of the daily state of `[from, to)` and the day before, up to a version.
pub(super) async fn state_files(
    tx: &mut Tx,
    org: Id,
    (from, to): (Date, Date),
    through: Option<i64>,
) -> Result<StateFiles, BillingError> {
    let before = from.yesterday().unwrap_or(from);
    let mut files = StateFiles { days: BTreeMap::new(), version: 0 };
    for file in lake_files_between(tx, org, "state", before, to).await? {
        if through.is_some_and(|through| file.version > through) {
            continue;
        }
        if file.day >= from {
            files.version = files.version.max(file.version);
        }
        files.days.entry(file.day).or_default().state.push(file.path);
    }
    Ok(files)
}
