//! A disputed bill whose meter was tested: what is refunded is computed from the days of the time
//! that the rule names, and booked with the answer, once.

use access::Actor;
use kernel::{Date, Id, Ratio};
use tariff::Entitlement;

use crate::{
    Works,
    agreements::{agreements_of_usage_point, ladder_from},
    billing::{
        BillRow, BillingError, Correction, Outcome, answer_dispute, bill_by_id, correct,
        dispute_by_id, recompute_adjusted,
        rules::{MeterRefund, MeterTest, corrected_days, meter_refund},
    },
    readings::history,
    settlement::share_of_ladder,
    tariffs::load_book,
};

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
