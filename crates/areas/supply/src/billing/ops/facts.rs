//! What a bill is computed from beside the daily state, as the agreements of its days say.

use kernel::{Date, DatePeriod, Ratio};
use tariff::{CapacityPart, Entitlement};

use crate::{
    agreements::BasicCharge,
    billing::{
        BillingError,
        rules::{BillFacts, Leaving},
        store::BilledAgreementRow,
    },
    settlement::{share_of_ladder, share_until},
};

/// The facts of a period from the agreements of one account that were in force in it, in order of
/// time.
pub(super) fn facts(
    rows: &[BilledAgreementRow],
    period: DatePeriod,
) -> Result<BillFacts, BillingError> {
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
            share: Ratio::ONE,
        }
    });
    let basis = BasicCharge::from_word(&last.basic_charge);
    let priced = basis.is_some_and(|basis| basis != BasicCharge::None);
    let to = part(last).1;
    Ok(BillFacts {
        from: part(&rows[0]).0,
        to,
        basic_charge: last.basic_charge.clone(),
        capacity: if priced { capacity.collect() } else { Vec::new() },
        contract_demand_ukw: last.contract_demand_ukw,
        leaving: leaving(last, to)?,
        adjusted: Vec::new(),
    })
}

/// The parts of a yearly ladder when the account's supply ends with this bill; nothing when it
/// had the whole year, or all that is left of it.
fn leaving(last: &BilledAgreementRow, to: Date) -> Result<Option<Leaving>, BillingError> {
    let day = to.yesterday().unwrap_or(to);
    let (applied, due) = (share_of_ladder(last.opened_on, day), share_until(last.opened_on, day));
    if last.leaves == 0 || last.valid_to != Some(to) || due.0 * applied.1 == applied.0 * due.1 {
        return Ok(None);
    }
    let entitlement = |(share, by): (i64, i64)| -> Result<Entitlement, BillingError> {
        Ok(Entitlement {
            family_units: u8::from(last.family_of_five),
            free_quota: last.low_income,
            share: Ratio::new(share, by)?,
        })
    };
    Ok(Some(Leaving { applied: entitlement(applied)?, due: entitlement(due)? }))
}
