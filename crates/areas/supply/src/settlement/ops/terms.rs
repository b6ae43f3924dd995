//! Terms of days that are settled: a change that was told late is written into the terms of the
//! days that it holds for, so that settling them again finds it. Files are never changed: each is
//! a higher version of its day.

use std::collections::BTreeMap;

use kernel::{BusinessCalendar, Date, Id};
use lake::{Lake, Manifest, settle::DayFiles, tables::TermsChange};
use store::Tx;

use super::day::next_version;
use crate::{
    blocking, count_file,
    settlement::{
        SettlementError,
        queries::{files_between, lake_row},
        store::{last_settled, terms_of},
    },
    tariffs::TariffBook,
};

/// Writes the terms of a usage point anew for the settled days from `from` on. Whether there are
/// such days: they are to be settled again then.
///
/// # Errors
/// [`SettlementError::Tariff`] when the agreement's tariff has no version on a day; the lake or
/// the database.
pub async fn rewrite_terms(
    tx: &mut Tx,
    lake: &Lake,
    (org, usage_point): (Id, Id),
    from: Date,
    book: &TariffBook,
) -> Result<bool, SettlementError> {
    // A night that settles meanwhile would write its terms from those of before.
    tx.lock("settlement", org).await?;
    let Some(last) = last_settled(tx, org).await?.filter(|last| last.day >= from) else {
        return Ok(false);
    };
    let any = BusinessCalendar::weekdays_only();
    let files = files_between(tx, org, (from, last.day), &any).await?;
    let version = next_version(tx, org).await?;
    // Nobody else's terms become different, whatever plan they name.
    let plans: Vec<_> = (0..).map(Some).take(book.library().plans().len()).collect();
    for (day, before) in written_days(&files, from) {
        let rows = terms_of(tx, org, day, usage_point).await?;
        let change = TermsChange {
            usage_points: [usage_point.get()].into(),
            rows: rows.iter().map(|row| lake_row(row, book, day)).collect::<Result<_, _>>()?,
            plans: plans.clone(),
        };
        let lake = lake.clone();
        let written: Option<Manifest> =
            blocking(move || lake.change_terms(org.get(), day, version, &before, &change)).await?;
        if let Some(file) = &written {
            count_file(tx, org, None, file).await?;
        }
    }
    Ok(true)
}

/// The first day, and the days of a file of their own, each with the file that it stands under.
fn written_days(files: &BTreeMap<Date, DayFiles>, from: Date) -> Vec<(Date, String)> {
    let mut days = Vec::new();
    let mut known = None;
    for (day, files) in files.range(from..) {
        if let Some(path) = &files.terms
            && known != Some(path)
        {
            days.push((*day, path.clone()));
            known = Some(path);
        }
    }
    days
}
