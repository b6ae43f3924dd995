//! The computing again, day by day and bill by bill.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Date, Id};
use lake::settle::{DayFiles, Reaching, Rules};
use store::Tx;
use tariff::Weather;

use super::{BillCheck, DayCheck, VerifyError};
use crate::{
    Works,
    billing::{self, BillRow, BillingError, Recomputed, Stand},
    blocking,
    ledger::{self, Proof},
    settlement::{
        Report, SettlementError, files_between, further, last_settled, reach, settled_days,
        weather, working_calendar,
    },
    tariffs::{TariffBook, load_book},
};

/// Bills that are computed from one reading of their files.
const CHUNK: usize = 5_000;
/// Days that are verified in one go.
const TOGETHER: usize = 31;
/// Differences that are told of one day.
const TOLD: usize = 100;

/// Computes the settled days of `[from, to)` again and compares every row.
///
/// # Errors
/// [`SettlementError::NotSettled`] when none of these days is settled; the lake or the database.
pub async fn verify_days(
    works: &Works,
    org: Id,
    (from, to): (Date, Date),
    report: Report<'_>,
) -> Result<Vec<DayCheck>, VerifyError> {
    let mut tx = works.db.read().await?;
    let days = settled_days(&mut tx, org, from, to).await?;
    let last = last_settled(&mut tx, org).await?.ok_or(SettlementError::NotSettled(from))?.day;
    let Some(first) = days.first() else {
        return Err(SettlementError::NotSettled(from).into());
    };
    let (book, total) = (load_book(&mut tx, org).await?, i64::try_from(days.len()));
    let (mut span, total) = ((reach(first.day), last), total.unwrap_or(i64::MAX));
    let mut past = past(&mut tx, org, span, &book).await?;
    drop(tx);
    let mut checks = Vec::with_capacity(days.len());
    for month in days.chunks(TOGETHER) {
        let month: Vec<Date> = month.iter().map(|row| row.day).collect();
        let verified = loop {
            let (lake, rules) = (works.lake.clone(), Arc::clone(&works.rules));
            let (past_days, plans, month) = (Arc::clone(&past), book.clone(), month.clone());
            let verified = blocking(move || {
                let (days, weather) = past_days.as_ref();
                let rules = Rules { library: plans.library(), weather, vee: &rules.vee };
                let catalogue = Reaching { from: span.0, days };
                lake::settle::verify_days(&lake, &month, last, TOLD, &catalogue, rules)
            })
            .await;
            let Some(day) = further(&verified) else { break verified? };
            span.0 = day;
            let mut tx = works.db.read().await?;
            past = self::past(&mut tx, org, span, &book).await?;
        };
        for found in verified {
            let differences = found.differences.iter();
            let differences = differences.map(|d| (d.usage_point, d.fields())).collect();
            checks.push(DayCheck { day: found.day, usage_points: found.rows, differences });
        }
        let last = checks.last().map_or_else(String::new, |check| check.day.to_string());
        report(i64::try_from(checks.len()).unwrap_or(total), total, &last);
    }
    Ok(checks)
}

/// Files and temperatures of a span of days, both ends within.
async fn past(
    tx: &mut Tx,
    org: Id,
    span: (Date, Date),
    book: &TariffBook,
) -> Result<Arc<(BTreeMap<Date, DayFiles>, Weather)>, SettlementError> {
    let days = files_between(tx, org, span, &working_calendar(book)).await?;
    Ok(Arc::new((days, weather(tx, org, span).await?)))
}

/// Computes bills again from the inputs that they were made from and compares lines and totals;
/// also bills that were replaced since. For those that stand, what the inputs of this moment come
/// to is told where it is something else: that is no difference, but a correction to be made.
///
/// # Errors
/// What stops the computation of a bill other than a difference.
pub async fn verify_bills(
    works: &Works,
    org: Id,
    bills: &[BillRow],
    report: Report<'_>,
) -> Result<Vec<BillCheck>, VerifyError> {
    let mut tx = works.db.read().await?;
    let book = load_book(&mut tx, org).await?;
    let total = i64::try_from(bills.len()).unwrap_or(i64::MAX);
    let mut checks = Vec::with_capacity(bills.len());
    let mut bills = bills.to_vec();
    let basis = |bill: &BillRow| (bill.period_from, bill.period_to, bill.state_version);
    bills.sort_by_key(|bill| (basis(bill), bill.usage_point));
    let alike = bills.chunk_by(|a, b| basis(a) == basis(b));
    for chunk in alike.flat_map(|alike| alike.chunks(CHUNK)) {
        let mut again = async |stand| {
            billing::recompute_all(&mut tx, &works.lake, org, chunk, &book, stand).await
        };
        let (billed, now) = (again(Stand::Billed).await?, again(Stand::Now).await?);
        for ((bill, billed), now) in chunk.iter().zip(billed).zip(now) {
            let (differences, moved_to_units) = (compared(billed)?, moved(bill, now)?);
            checks.push(BillCheck { bill_no: bill.bill_no.clone(), differences, moved_to_units });
        }
        let done = i64::try_from(checks.len()).unwrap_or(total);
        report(done, total, checks.last().map_or("", |check| &check.bill_no));
    }
    Ok(checks)
}

/// In what a bill computed from its own inputs differs from what is stored.
fn compared(billed: Result<Recomputed, BillingError>) -> Result<Vec<String>, BillingError> {
    match billed {
        Ok(again) => Ok(differences(&again)),
        Err(error @ (BillingError::NoDays | BillingError::NoPlan(_))) => {
            Ok(vec![error.to_string()])
        }
        Err(error) => Err(error),
    }
}

/// What a bill that stands comes to from the inputs of this moment, where that is another total or
/// another line.
fn moved(
    bill: &BillRow,
    now: Result<Recomputed, BillingError>,
) -> Result<Option<i64>, BillingError> {
    match now {
        _ if bill.state == "replaced" => Ok(None),
        Ok(now) => Ok((!now.is_same()).then(|| now.draft.bill.total.units())),
        Err(BillingError::NoDays | BillingError::NoPlan(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn differences(again: &Recomputed) -> Vec<String> {
    let mut found = Vec::new();
    let sum: i64 = again.lines.iter().map(|line| line.amount_units).sum();
    if sum != again.stored.total_units {
        found.push(format!("its lines add up to {sum}, its total is {}", again.stored.total_units));
    }
    if again.draft.daily_charge_units != again.stored.daily_charge_units {
        found.push(format!(
            "its daily charges were {}, now {}",
            again.stored.daily_charge_units, again.draft.daily_charge_units
        ));
    }
    if !again.is_same() {
        let (stored, now) = (again.lines.len(), again.draft.bill.lines.len());
        let amounts = again.lines.iter().zip(&again.draft.bill.lines);
        let first = amounts.clone().find(|(stored, line)| {
            serde_json::to_string(line).is_ok_and(|text| text != stored.line)
        });
        found.push(match first {
            Some((stored, line)) => format!(
                "line {}: stored {} over {}, computed {}",
                stored.seq,
                stored.kind,
                stored.amount_units,
                serde_json::to_string(line).unwrap_or_default()
            ),
            None => format!("{stored} lines are stored, {now} computed"),
        });
    }
    found
}

/// Adds the ledger up again.
///
/// # Errors
/// When the database does not answer.
pub async fn verify_ledger(works: &Works, org: Id) -> Result<Proof, VerifyError> {
    let mut tx = works.db.read().await?;
    Ok(ledger::prove(&mut tx, org).await?)
}
