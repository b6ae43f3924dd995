//! The terms that a day is settled under: what SQL says, in the form the lake keeps.

use kernel::{Date, Id};
use lake::tables::{Measured, TermsRow};
use store::Tx;

use crate::{
    settlement::{
        SettlementError,
        store::{self as sql, terms_on},
    },
    tariffs::TariffBook,
};

/// A usage point's terms, with where it hangs, for the count of reading success.
#[derive(Debug, Clone)]
pub struct DayTerms {
    /// One row per usage point, by usage point.
    pub rows: Vec<TermsRow>,
    /// The usage points, in the same order; kept when `rows` go to the lake.
    pub usage_points: Vec<i64>,
    /// Its 台区 (0: none) and whether it has its own transformer, in the same order.
    pub places: Vec<(Id, bool)>,
}

/// Reads the terms of a day.
///
/// # Errors
/// [`SettlementError::Tariff`] when an agreement's tariff has no version on the day.
pub async fn day_terms(
    tx: &mut Tx,
    org: Id,
    book: &TariffBook,
    day: Date,
) -> Result<DayTerms, SettlementError> {
    let mut terms = DayTerms { rows: Vec::new(), usage_points: Vec::new(), places: Vec::new() };
    let mut last: Option<(String, i32)> = None;
    terms_on(tx, org, day, |row: sql::TermsRow| {
        let plan = match &last {
            Some((code, plan)) if *code == row.tariff_code => *plan,
            _ => {
                let (index, _) = book.plan_on(&row.tariff_code, day)?;
                let index =
                    i32::try_from(index).map_err(|_| SettlementError::TooMany("tariffs"))?;
                last = Some((row.tariff_code.clone(), index));
                index
            }
        };
        terms.usage_points.push(row.usage_point.get());
        terms.places.push((row.transformer_area, row.dedicated_transformer));
        let mut terms_row = lake_row(&row, plan)?;
        (terms_row.share, terms_row.share_by) = share_of_ladder(row.opened_on, day);
        terms.rows.push(terms_row);
        Ok::<(), SettlementError>(())
    })
    .await?;
    Ok(terms)
}

fn lake_row(row: &sql::TermsRow, plan: i32) -> Result<TermsRow, SettlementError> {
    let small = |value: i64, what: &'static str| {
        u8::try_from(value).map_err(|_| SettlementError::TooMany(what))
    };
    Ok(TermsRow {
        account: row.account.get(),
        agreement: row.agreement.get(),
        digits: small(row.digits, "digits of a meter")?,
        scale: small(row.register_scale, "decimals of a meter")?,
        multiplier: row.ratio_numerator,
        multiplier_by: row.ratio_denominator,
        measured: if row.interval_minutes > 0 { Measured::Rebucketed } else { Measured::Registers }
            .code(),
        family_units: u8::from(row.family_of_five),
        free_quota: u8::from(row.low_income),
        capacity_ukva: row.capacity_ukva,
        ..TermsRow::household(row.usage_point.get(), row.account.get(), plan, row.meter.get())
    })
}

/// The part of a yearly ladder that belongs to a usage point: the months from the one in which
/// its supply began, in that year; all of it afterwards. (Zhejiang counts whole months; domain
/// 2.5, confidence K.) A monthly ladder is not shortened: its month is whatever part was used.
#[must_use]
pub fn share_of_ladder(opened_on: Date, day: Date) -> (i64, i64) {
    if opened_on.year() == day.year() && opened_on <= day {
        (13 - i64::from(opened_on.month()), 12)
    } else {
        (1, 1)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Date;

    use super::share_of_ladder;

    #[test]
    fn who_moves_in_in_june_has_seven_twelfths_of_the_year() {
        let day = Date::constant(2026, 8, 1);
        assert_eq!(share_of_ladder(Date::constant(2026, 6, 17), day), (7, 12));
        assert_eq!(share_of_ladder(Date::constant(2026, 1, 1), day), (12, 12));
        assert_eq!(share_of_ladder(Date::constant(2019, 6, 17), day), (1, 1));
    }
}
