//! Computing a bill again: from the inputs that it was made from, which proves its arithmetic, or
//! from those of this moment, which shows what was settled or agreed since. Nothing is changed.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Date, DatePeriod, Id};
use lake::{
    Lake,
    settle::{DayFiles, month_of_point},
    tables::StateRow,
};
use store::{Tx, lake_files_between};

use super::close::facts;
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

/// What the computation reads beside the lake.
struct Inputs {
    stored: BillRow,
    lines: Vec<BillLineRow>,
    facts: BillFacts,
    agreement: Id,
    period: DatePeriod,
    files: StateFiles,
    book: Arc<TariffBook>,
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
    let inputs = inputs(tx, org, id, book, stand).await?;
    let lake = lake.clone();
    blocking(move || inputs.compute(&lake)).await
}

async fn inputs(
    tx: &mut Tx,
    org: Id,
    id: Id,
    book: &Arc<TariffBook>,
    stand: Stand,
) -> Result<Inputs, BillingError> {
    let stored = bill_by_id(tx, org, id).await?.ok_or(BillingError::NotFound)?;
    let (from, to) = (stored.period_from, stored.period_to);
    let period = DatePeriod::new(from, to).map_err(|_| BillingError::Period {
        from,
        to,
        reason: "it ends before it starts",
    })?;
    let (facts, agreement, through) = match stand {
        Stand::Billed => {
            let facts = stored.read("facts", &stored.facts)?;
            (facts, stored.agreement, Some(stored.state_version))
        }
        Stand::Now => {
            let rows = agreements_of_period(tx, org, stored.usage_point, from, to).await?;
            let agreement = rows.last().ok_or(BillingError::NoDays)?.agreement;
            (facts(&rows, period), agreement, None)
        }
    };
    let files = state_files(tx, org, (from, to), through).await?;
    let lines = lines_of_bill(tx, org, id).await?;
    Ok(Inputs { stored, lines, facts, agreement, period, files, book: Arc::clone(book) })
}

impl Inputs {
    fn compute(self, lake: &Lake) -> Result<Recomputed, BillingError> {
        let Self { stored, lines, facts, agreement, period, files, book } = self;
        let usage_point = stored.usage_point.get();
        let (point, days) = month_of_point(lake, period, usage_point, &files.days)?;
        let point = point.ok_or(BillingError::NoDays)?;
        let draft = draft(book.library(), &facts, &point)?;
        Ok(Recomputed {
            document: book.document_of(draft.plan).unwrap_or(stored.tariff_document),
            state_version: files.version,
            stored,
            lines,
            facts,
            draft,
            days,
            before: point.before.map(|row| *row),
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
