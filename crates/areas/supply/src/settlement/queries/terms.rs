//! The terms that a day is settled under: what SQL says, in the form the lake keeps.

use kernel::{Date, Id};
use lake::tables::{Measured, TermsChange, TermsRow};
use store::{Tx, latest_lake_file};

use crate::{
    settlement::{SettlementError, mark_terms, store as sql},
    tariffs::TariffBook,
};

/// How long before the last settlement a move to another 台区 is looked at once more: longer than
/// any transaction is open and any clock is wrong.
const MOVES_AGAIN_SECONDS: i64 = 86_400;

/// The terms of a day.
#[derive(Debug)]
pub enum Terms {
    /// Read anew for everybody: the first day, and the first of a year, when ladders begin again.
    Whole(Vec<TermsRow>),
    /// Those of the latest file, with what became different since.
    Changed {
        /// Where that file lies.
        before: String,
        /// The difference.
        change: TermsChange,
    },
}

/// Reads the terms of a day, and takes for `run` what is due by it: [`drop_due`](sql::drop_due)
/// belongs into the transaction in which they count.
///
/// # Errors
/// [`SettlementError::Tariff`] when an agreement's tariff has no version on the day.
pub async fn day_terms(
    tx: &mut Tx,
    org: Id,
    book: &TariffBook,
    (day, run): (Date, Id),
    last: Option<&sql::SettledDayRow>,
) -> Result<Terms, SettlementError> {
    let known = latest_lake_file(tx, org, "terms", day).await?;
    let known = known.filter(|file| file.day.year() == day.year());
    if let (Some(_), Some(last)) = (&known, last) {
        // A move says when it was recorded; looking a day further back costs little.
        let from = last.settled_at.plus_seconds(-MOVES_AGAIN_SECONDS);
        let moved = sql::moved_since(tx, org, from).await?;
        mark_terms(tx, org, moved.into_iter().map(|(usage_point,)| (usage_point, day))).await?;
    }
    sql::take_due(tx, org, day, run).await?;
    let Some(known) = known else {
        return Ok(Terms::Whole(whole_terms(tx, org, book, day).await?));
    };
    let taken = sql::taken_by(tx, org, run).await?;
    let rows = sql::terms_due_on(tx, org, day, run).await?;
    let change = TermsChange {
        usage_points: taken.into_iter().map(|(usage_point,)| usage_point.get()).collect(),
        rows: rows.iter().map(|row| lake_row(row, book, day)).collect::<Result<_, _>>()?,
        plans: plans_on(book, day)?,
    };
    Ok(Terms::Changed { before: known.path, change })
}

/// The terms of everybody on a day, by usage point.
///
/// # Errors
/// As [`day_terms`].
pub async fn whole_terms(
    tx: &mut Tx,
    org: Id,
    book: &TariffBook,
    day: Date,
) -> Result<Vec<TermsRow>, SettlementError> {
    let mut rows = Vec::new();
    sql::terms_on(tx, org, day, |row: sql::TermsRow| {
        rows.push(lake_row(&row, book, day)?);
        Ok::<(), SettlementError>(())
    })
    .await?;
    Ok(rows)
}

/// By plan of the book: the version of the same tariff that is in force on a day.
fn plans_on(book: &TariffBook, day: Date) -> Result<Vec<Option<i32>>, SettlementError> {
    let plans = book.library().plans().iter();
    let versions = plans.map(|plan| book.plan_on(&plan.head.id, day).ok());
    versions.map(|version| version.map(|(index, _)| plan_index(index)).transpose()).collect()
}

fn plan_index(index: usize) -> Result<i32, SettlementError> {
    i32::try_from(index).map_err(|_| SettlementError::TooMany("tariffs"))
}

pub(crate) fn lake_row(
    row: &sql::TermsRow,
    book: &TariffBook,
    day: Date,
) -> Result<TermsRow, SettlementError> {
    let plan = plan_index(book.plan_on(&row.tariff_code, day)?.0)?;
    let (share, share_by) = share_of_ladder(row.opened_on, day);
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
        share,
        share_by,
        capacity_ukva: row.capacity_ukva,
        transformer_area: row.transformer_area.get(),
        dedicated: u8::from(row.dedicated_transformer),
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

/// The part of a yearly ladder that belongs to an account whose last day is `last`: the months
/// from the one in which its supply began, in that year, to that of the last day. A month that was
/// supplied in part counts whole, at both ends (Zhejiang; domain 2.5, confidence K).
#[must_use]
pub fn share_until(opened_on: Date, last: Date) -> (i64, i64) {
    let first =
        if opened_on.year() == last.year() && opened_on <= last { opened_on.month() } else { 1 };
    (i64::from(last.month()) - i64::from(first) + 1, 12)
}

#[cfg(test)]
mod tests {
    use kernel::Date;

    use super::{share_of_ladder, share_until};

    #[test]
    fn who_moves_out_in_march_had_three_twelfths_of_the_year() {
        let last = Date::constant(2026, 3, 15);
        assert_eq!(share_until(Date::constant(2019, 6, 17), last), (3, 12));
        assert_eq!(share_until(Date::constant(2026, 3, 2), last), (1, 12));
        assert_eq!(share_until(Date::constant(2026, 1, 1), Date::constant(2026, 12, 31)), (12, 12));
    }

    #[test]
    fn who_moves_in_in_june_has_seven_twelfths_of_the_year() {
        let day = Date::constant(2026, 8, 1);
        assert_eq!(share_of_ladder(Date::constant(2026, 6, 17), day), (7, 12));
        assert_eq!(share_of_ladder(Date::constant(2026, 1, 1), day), (12, 12));
        assert_eq!(share_of_ladder(Date::constant(2019, 6, 17), day), (1, 1));
    }
}
