//! The final bill of an account that leaves (清算): the days of its last month up to the last one,
//! as soon as they are settled. The month close later bills who came after, from their first day.

use std::sync::Arc;

use kernel::{DatePeriod, Id};
use store::Tx;

use super::{
    again::state_files,
    close::{CloseChunk, histories},
};
use crate::{
    billing::{
        BillingError,
        store::{agreements_of_period, bill_covering, supply_ended},
    },
    settlement::settled_days,
    tariffs::TariffBook,
};

/// Reads what the final bill of an account at a usage point stands on.
///
/// # Errors
/// [`BillingError::NotFound`] when it never was supplied there, [`BillingError::NotEnded`],
/// [`BillingError::NotSettled`] with the first day that is missing, [`BillingError::Billed`].
pub async fn final_inputs(
    tx: &mut Tx,
    org: Id,
    (usage_point, account): (Id, Id),
    book: Arc<TariffBook>,
) -> Result<CloseChunk, BillingError> {
    let (ended,) =
        supply_ended(tx, org, usage_point, account).await?.ok_or(BillingError::NotFound)?;
    let to = ended.ok_or(BillingError::NotEnded)?;
    let last = to.yesterday().unwrap_or(to);
    if let Some(bill) = bill_covering(tx, org, usage_point, last).await? {
        return Err(BillingError::Billed(bill.bill_no));
    }
    let from = last.first_of_month();
    let reason = "it ends before it starts";
    let period =
        DatePeriod::new(from, to).map_err(|_| BillingError::Period { from, to, reason })?;
    let mut settled = settled_days(tx, org, from, to).await?.into_iter().peekable();
    for day in period.iter_days() {
        if settled.next_if(|row| row.day == day).is_none() {
            return Err(BillingError::NotSettled(day));
        }
    }
    let mut agreements = agreements_of_period(tx, org, usage_point, from, to).await?;
    // Only the days up to the last one that others did not have in between.
    if let Some(other) = agreements.iter().rposition(|row| row.account != account) {
        agreements.drain(..=other);
    }
    let histories = histories(tx, org, (from, to), (usage_point, usage_point)).await?;
    let files = state_files(tx, org, (from, to), None).await?;
    Ok(CloseChunk { org, run: None, period, book, files, agreements, histories })
}
