//! Answers for screens without reading whole files: row groups that cannot hold the usage point
//! are skipped by their least and greatest value.

use kernel::DatePeriod;

use crate::{
    Lake, LakeError,
    merged::Merged,
    settle::{Catalogue, overlay},
    tables::{IntervalRow, ReadingRow, StateRow, day_number},
};

/// The rows of one day that count, after the usage point `after`, at most `limit`: a page of a
/// list. `state` are the day's files, lowest version first.
///
/// # Errors
/// An unreadable file.
pub fn day_page(
    lake: &Lake,
    state: &[String],
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<StateRow>, LakeError> {
    let first = after.map_or(i64::MIN, |after| after.saturating_add(1));
    let mut rows = overlay(lake, state, (first, i64::MAX))?;
    let mut page = Vec::new();
    while page.len() < limit {
        match rows.next()? {
            Some(row) if row.usage_point >= first => page.push(row),
            Some(_) => {}
            None => break,
        }
    }
    Ok(page)
}

/// The states of one usage point on the settled days of a period, with their dates.
///
/// # Errors
/// An unreadable file; a period without end.
pub fn series(
    lake: &Lake,
    usage_point: i64,
    period: DatePeriod,
    catalogue: &dyn Catalogue,
) -> Result<Vec<(kernel::Date, StateRow)>, LakeError> {
    bounded(period)?;
    let mut out = Vec::new();
    for day in period.iter_days() {
        let state = catalogue.files(day)?.state;
        let row = overlay(lake, &state, (usage_point, usage_point))?.of(usage_point)?;
        out.extend(row.map(|row| (day, row)));
    }
    Ok(out)
}

/// The delivered readings of one usage point in a period, all deliveries, by moment.
///
/// # Errors
/// As [`series`].
pub fn readings(
    lake: &Lake,
    usage_point: i64,
    period: DatePeriod,
    catalogue: &dyn Catalogue,
) -> Result<Vec<ReadingRow>, LakeError> {
    bounded(period)?;
    let mut out = Vec::new();
    for day in period.iter_days() {
        let files = catalogue.files(day)?.readings;
        let range = (usage_point, usage_point);
        let mut rows = Merged::open_range(lake, &files, range, ReadingRow::sort_key)?;
        rows.of_usage_point(usage_point, |row| out.push(row))?;
    }
    Ok(out)
}

/// The delivered intervals of one usage point in a period, all deliveries, by day and slot.
///
/// # Errors
/// As [`series`].
pub fn intervals(
    lake: &Lake,
    usage_point: i64,
    period: DatePeriod,
    catalogue: &dyn Catalogue,
) -> Result<Vec<IntervalRow>, LakeError> {
    bounded(period)?;
    let mut out = Vec::new();
    for day in period.iter_days() {
        let files = catalogue.files(day)?.intervals;
        let range = (usage_point, usage_point);
        let mut rows = Merged::open_range(lake, &files, range, IntervalRow::sort_key)?;
        let begin = out.len();
        rows.of_usage_point(usage_point, |row| {
            let row = row.in_day();
            out.extend((row.day == day_number(day)).then_some(row));
        })?;
        // Rows come file by file.
        out[begin..].sort_unstable_by_key(IntervalRow::sort_key);
    }
    Ok(out)
}

fn bounded(period: DatePeriod) -> Result<(), LakeError> {
    match period.to() {
        Some(_) => Ok(()),
        None => Err(LakeError::Invalid("a period without end cannot be listed".into())),
    }
}
