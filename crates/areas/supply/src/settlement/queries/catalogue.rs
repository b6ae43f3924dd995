//! Which files of the lake count, as SQL says, in the form the lake asks for.

use std::collections::BTreeMap;

use jiff::ToSpan;
use kernel::{BusinessCalendar, Date, Id};
use lake::{LakeError, settle::DayFiles};
use store::{LakeFile, Tx, lake_files_between, latest_lake_file};

use crate::settlement::SettlementError;

/// How far back a settlement looks at first. A gap that ends with a reading is filled from its
/// first day on; where one is longer than this, the lake says so and it looks further back.
const REACH_DAYS: i32 = 100;

/// The first day to look up for settling from `day` on.
#[must_use]
pub fn reach(day: Date) -> Date {
    day.saturating_sub(REACH_DAYS.days())
}

/// Where to begin when the lake asked for a day that was not looked up: some days before it, since
/// the gap of another usage point may begin just before this one's.
pub fn further<T>(outcome: &Result<T, LakeError>) -> Option<Date> {
    match outcome {
        Err(LakeError::OutOfReach(day)) => Some(reach(*day)),
        _ => None,
    }
}

/// The files of every day from `from` to `to`, both within.
///
/// # Errors
/// When the database does not answer.
pub async fn files_between(
    tx: &mut Tx,
    org: Id,
    (from, to): (Date, Date),
    calendar: &BusinessCalendar,
) -> Result<BTreeMap<Date, DayFiles>, SettlementError> {
    let end = to.checked_add(1.day()).unwrap_or(to);
    let mut days: BTreeMap<Date, DayFiles> = BTreeMap::new();
    for day in kernel::DatePeriod::new(from, end).iter().flat_map(kernel::DatePeriod::iter_days) {
        // A year that is not announced yet still has its weekends.
        let works = calendar
            .is_working(day)
            .or_else(|_| BusinessCalendar::weekdays_only().is_working(day))
            .unwrap_or(true);
        days.entry(day).or_default().rest_day = !works;
    }
    let list = |files: Vec<LakeFile>| files.into_iter().map(|file| (file.day, file.path));
    for (day, path) in list(lake_files_between(tx, org, "readings", from, end).await?) {
        days.entry(day).or_default().readings.push(path);
    }
    // A packed file of intervals speaks of several days.
    for file in lake_files_between(tx, org, "intervals", from, end).await? {
        for (_, day) in days.range_mut(file.day..=file.last_day) {
            day.intervals.push(file.path.clone());
        }
    }
    for (day, path) in list(lake_files_between(tx, org, "state", from, end).await?) {
        days.entry(day).or_default().state.push(path);
    }
    // Terms are written when they change: each day stands under the latest before or on it.
    let mut terms = latest_lake_file(tx, org, "terms", from).await?.map(|file| file.path);
    let mut changes = list(lake_files_between(tx, org, "terms", from, end).await?).peekable();
    for (day, files) in &mut days {
        while let Some((_, path)) = changes.next_if(|(on, _)| on <= day) {
            terms = Some(path);
        }
        files.terms.clone_from(&terms);
    }
    Ok(days)
}
