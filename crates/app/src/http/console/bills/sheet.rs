//! What a bill's pages stand on: the stored bill and its lines, the days behind it, what it comes
//! to now, and its place among the bills of the same period. Each page asks for as much of it as
//! it shows, once.

use std::collections::BTreeMap;

use access::{Ctx, Right};
use kernel::{Date, Id};
use lake::tables::StateRow;
use registry::{Account, UsagePoint, premises};
use store::Tx;
use supply::{
    Works,
    billing::{
        BillRow, CorrectionRow, DisputeRow, Recomputed, Stand, bill_by_id, bill_by_no,
        bills_of_period, corrections_of_period, disputes_of_period, lines_of_bill, recompute,
    },
    readings::history,
    tariffs::{TariffRow, document_by_id, load_book},
};
use tariff::{BillLine, RatedBill};

use crate::http::{Failure, Visit};

/// A bill with everything that belongs to it.
pub(super) struct Sheet {
    pub bill: BillRow,
    /// The bill in the engine's form, from what is stored with it.
    pub rated: RatedBill,
    pub account: Account,
    pub point: UsagePoint,
    pub tariff: Option<TariffRow>,
    /// Every bill of this period, oldest first.
    pub versions: Vec<BillRow>,
    /// What was corrected about this period, oldest first.
    pub corrections: Vec<CorrectionRow>,
    /// What the customer did not accept about this period, oldest first.
    pub disputes: Vec<DisputeRow>,
    /// Who issued, corrected or answered.
    pub people: BTreeMap<Id, String>,
}

impl Sheet {
    /// The stored lines.
    pub(super) fn lines(&self) -> &[BillLine] {
        &self.rated.lines
    }

    /// A person's name; programs have none.
    pub(super) fn person(&self, id: Option<Id>) -> &str {
        id.and_then(|id| self.people.get(&id)).map_or("", String::as_str)
    }

    /// The dispute about this very bill that nobody has answered yet.
    pub(super) fn open_dispute(&self) -> Option<&DisputeRow> {
        self.disputes.iter().find(|row| row.bill == self.bill.id && row.state == "open")
    }
}

/// The bill that an address names: by its id, or by its number.
pub(super) async fn named(ctx: &Ctx<'_>, tx: &mut Tx, name: &str) -> Result<BillRow, Failure> {
    let org = ctx.actor.org();
    ctx.require(Right::BillRead, org)?;
    let found = match name.parse() {
        Ok(id) => bill_by_id(tx, org, id).await?,
        Err(_) => bill_by_no(tx, org, name).await?,
    };
    found.ok_or_else(Failure::not_found)
}

/// Computes a bill again with the tariffs as they are published now.
pub(super) async fn again(
    works: &Works,
    tx: &mut Tx,
    bill: &BillRow,
    stand: Stand,
) -> Result<Recomputed, Failure> {
    let book = load_book(tx, bill.org).await?;
    Ok(recompute(tx, &works.lake, bill.org, bill.id, &book, stand).await?)
}

/// Gathers a bill and what belongs to it, from the database alone.
pub(super) async fn gather(ctx: &Ctx<'_>, tx: &mut Tx, name: &str) -> Result<Sheet, Failure> {
    let bill = named(ctx, tx, name).await?;
    let (org, point, from) = (bill.org, bill.usage_point, bill.period_from);
    let lines = bill.read_lines(&lines_of_bill(tx, org, bill.id).await?)?;
    let account = premises::account_by_id(tx, org, bill.account).await?;
    let corrections = corrections_of_period(tx, org, point, from).await?;
    let disputes = disputes_of_period(tx, org, point, from).await?;
    let mut people = BTreeMap::new();
    let acted = corrections.iter().map(|row| row.corrected_by);
    let acted = acted.chain(disputes.iter().filter_map(|row| row.closed_by)).chain(bill.issued_by);
    for id in acted {
        if let (false, Some(staff)) = (people.contains_key(&id), access::staff_by_id(tx, id).await?)
        {
            people.insert(id, staff.name);
        }
    }
    let versions = bills_of_period(tx, org, point, from).await?;
    let point = premises::usage_point_by_id(tx, org, point).await?;
    Ok(Sheet {
        rated: bill.rated(lines)?,
        account: account.ok_or_else(Failure::not_found)?,
        point: point.ok_or_else(Failure::not_found)?,
        tariff: document_by_id(tx, org, bill.tariff_document).await?,
        versions,
        corrections,
        disputes,
        people,
        bill,
    })
}

/// As [`gather`], in a transaction of its own, for a visitor.
pub(super) async fn of_visit(visit: &Visit, name: &str) -> Result<Sheet, Failure> {
    let ctx = visit.ctx();
    let mut tx = visit.web().works.db.read().await?;
    let done = gather(&ctx, &mut tx, name).await;
    visit.finish(&ctx, tx, done).await
}

/// As [`of_visit`], with what the bill comes to now: none where it cannot be computed. A bill is
/// still shown then; the page for computing it says why.
pub(super) async fn with_again(
    visit: &Visit,
    name: &str,
) -> Result<(Sheet, Option<Recomputed>), Failure> {
    let works = &visit.web().works;
    let ctx = visit.ctx();
    let mut tx = works.db.read().await?;
    let done = gather(&ctx, &mut tx, name).await;
    let again = match &done {
        Ok(sheet) => again(works, &mut tx, &sheet.bill, Stand::Now).await.ok(),
        Err(_) => None,
    };
    Ok((visit.finish(&ctx, tx, done).await?, again))
}

/// The settled days of a bill's period, where the bill itself cannot be computed.
pub(super) async fn days(works: &Works, bill: &BillRow) -> Result<Vec<(Date, StateRow)>, Failure> {
    let period = (bill.period_from, bill.period_to);
    Ok(history(works, bill.org, bill.usage_point, period).await?.0)
}
