//! What a bill's pages stand on: the stored bill and its lines, the days behind it, what it comes
//! to now, and its place among the bills of the same period.

use access::{Ctx, Right};
use kernel::{Currency, Date};
use lake::tables::{DayMethod, StateRow};
use registry::{Account, UsagePoint, premises};
use store::Tx;
use supply::{
    Works,
    billing::{
        BillLineRow, BillRow, BillingError, CorrectionRow, Recomputed, bill_by_id, bill_by_no,
        bills_of_period, corrections_of, lines_of_bill, recompute,
    },
    readings::history,
    tariffs::{TariffRow, document_by_id, load_book},
};
use tariff::{Amount, BillLine, RatedBill};

use crate::http::{Failure, Visit};

/// A bill with everything that belongs to it.
pub(super) struct Sheet {
    pub bill: BillRow,
    pub lines: Vec<BillLine>,
    pub account: Account,
    pub point: UsagePoint,
    pub tariff: Option<TariffRow>,
    /// Every bill of this period, oldest first.
    pub versions: Vec<BillRow>,
    pub corrections: Vec<CorrectionRow>,
    /// Who issued it.
    pub issued_by: Option<String>,
    /// What it comes to now; none where it cannot be computed.
    pub again: Option<Recomputed>,
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

/// The stored lines, as the engine wrote them.
pub(super) fn read_lines(bill: &BillRow, rows: &[BillLineRow]) -> Result<Vec<BillLine>, Failure> {
    let read = |row: &BillLineRow| {
        serde_json::from_str(&row.line).map_err(|error| {
            let (what, reason) = ("line", error.to_string());
            Failure::from(BillingError::Corrupt { what, bill: bill.bill_no.clone(), reason })
        })
    };
    rows.iter().map(read).collect()
}

/// Computes a bill again with the tariffs as they are published now.
pub(super) async fn again(
    works: &Works,
    tx: &mut Tx,
    bill: &BillRow,
) -> Result<Recomputed, Failure> {
    let book = load_book(tx, bill.org).await?;
    Ok(recompute(tx, &works.lake, bill.org, bill.id, &book).await?)
}

/// Gathers a bill and what belongs to it.
pub(super) async fn gather(
    works: &Works,
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    name: &str,
) -> Result<Sheet, Failure> {
    let bill = named(ctx, tx, name).await?;
    let org = bill.org;
    let rows = lines_of_bill(tx, org, bill.id).await?;
    let account = premises::account_by_id(tx, org, bill.account).await?;
    let point = premises::usage_point_by_id(tx, org, bill.usage_point).await?;
    let mut corrections = Vec::new();
    let versions = bills_of_period(tx, org, bill.usage_point, bill.period_from).await?;
    for version in &versions {
        for row in corrections_of(tx, org, version.id).await? {
            if !corrections.contains(&row) {
                corrections.push(row);
            }
        }
    }
    let issued_by = match bill.issued_by {
        Some(id) => access::staff_by_id(tx, id).await?.map(|staff| staff.name),
        None => None,
    };
    // A bill that cannot be computed again is still shown; the page for computing it says why.
    let again = again(works, tx, &bill).await.ok();
    Ok(Sheet {
        lines: read_lines(&bill, &rows)?,
        account: account.ok_or_else(Failure::not_found)?,
        point: point.ok_or_else(Failure::not_found)?,
        tariff: document_by_id(tx, org, bill.tariff_document).await?,
        versions,
        corrections,
        issued_by,
        again,
        bill,
    })
}

/// As [`gather`], in a transaction of its own, for a visitor.
pub(super) async fn of_visit(visit: &Visit, name: &str) -> Result<Sheet, Failure> {
    let works = &visit.web().works;
    let ctx = visit.ctx();
    let mut tx = works.db.read().await?;
    let done = gather(works, &ctx, &mut tx, name).await;
    visit.finish(&ctx, tx, done).await
}

/// The settled days of a bill's period.
pub(super) async fn days(works: &Works, bill: &BillRow) -> Result<Vec<(Date, StateRow)>, Failure> {
    let period = (bill.period_from, bill.period_to);
    Ok(history(works, bill.org, bill.usage_point, period).await?.0)
}

/// The bill in the engine's form: the stored lines, with the tariffs and prices that applied.
pub(super) fn rated(sheet: &Sheet, days: &[(Date, StateRow)]) -> RatedBill {
    let bill = &sheet.bill;
    let estimated = days.iter().filter(|(_, s)| DayMethod::from_code(s.method).is_estimate());
    let estimated_ukwh = estimated.map(|(_, state)| state.day_ukwh()).sum();
    let known = sheet.again.as_ref().map(|again| &again.draft.bill);
    RatedBill {
        currency: Currency::from_code(&bill.currency).unwrap_or_default(),
        from: bill.period_from,
        to: bill.period_to,
        tariffs: known.map(|known| known.tariffs.clone()).unwrap_or_default(),
        lines: sheet.lines.clone(),
        total: Amount::from_units(bill.total_units),
        energy_ukwh: bill.energy_ukwh,
        estimated_ukwh,
        components: known.map(|known| known.components.clone()).unwrap_or_default(),
        prices: known.map(|known| known.prices.clone()).unwrap_or_default(),
        power_factor_hundredths: known.and_then(|known| known.power_factor_hundredths),
    }
}
