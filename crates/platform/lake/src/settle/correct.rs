//! Late and corrected readings: the touched usage points only, from the first touched day on.
//! New rows go into overlay files; the difference to the rows before is returned.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Date;

use super::{
    Beside, Catalogue, DayChange, DayFiles, Outcome, Rules,
    intervals::Bench,
    point::Day,
    run::overlay,
    span::{self, PointDay},
};
use crate::{
    Dataset, Lake, LakeError, Manifest,
    merged::Merged,
    tables::{IntervalRow, ReadingRow, StateRow, TermsRow, date_of, day_number},
};

/// Settles the touched usage points again, each from its first touched day through `through`
/// (the last settled day), as files of `version`, which must be higher than every version so
/// far. Rows that stay the same are not written.
///
/// # Errors
/// As [`super::settle_day`].
pub fn resettle(
    lake: &Lake,
    org: i64,
    touched: &BTreeMap<i64, Date>,
    through: Date,
    version: i64,
    catalogue: &dyn Catalogue,
    rules: Rules<'_>,
) -> Result<Outcome, LakeError> {
    let touched = starts(lake, touched, catalogue)?;
    Ok(redo(lake, org, &touched, through, version, catalogue, rules, None)?.outcome)
}

/// A usage point that was touched inside a gap starts where the gap starts.
fn starts(
    lake: &Lake,
    touched: &BTreeMap<i64, Date>,
    catalogue: &dyn Catalogue,
) -> Result<BTreeMap<i64, i32>, LakeError> {
    let mut by_day: BTreeMap<Date, BTreeSet<i64>> = BTreeMap::new();
    for (usage_point, day) in touched {
        by_day.entry(*day).or_default().insert(*usage_point);
    }
    let mut first = BTreeMap::new();
    for (day, points) in by_day {
        let before = day.yesterday().map_err(|_| LakeError::Invalid("no day before".into()))?;
        let mut states = overlay(lake, &catalogue.files(before)?.state, range(&points))?;
        for usage_point in points {
            let gap = states.of(usage_point)?.map_or(0, |row| i32::from(row.gap_days));
            first.insert(usage_point, day_number(day) - gap);
        }
    }
    Ok(first)
}

fn range(points: &BTreeSet<i64>) -> (i64, i64) {
    (points.first().copied().unwrap_or(0), points.last().copied().unwrap_or(0))
}

/// What was done again.
pub(super) struct Redone {
    pub(super) outcome: Outcome,
    /// The rows of the last day, before and after.
    pub(super) last_day: Vec<(StateRow, StateRow)>,
}

/// All that is stored about some usage points and days.
struct History<'a> {
    days: Vec<Day<'a>>,
    first: i32,
    /// By usage point and day: terms and deliveries.
    points: BTreeMap<i64, Vec<PointDay>>,
    /// The states that count now; `states[0]` is the day before the first.
    states: Vec<BTreeMap<i64, StateRow>>,
}

/// As [`resettle`], with known first days. `base` is a state file of the last day that no
/// catalogue names yet.
pub(super) fn redo(
    lake: &Lake,
    org: i64,
    touched: &BTreeMap<i64, i32>,
    through: Date,
    version: i64,
    catalogue: &dyn Catalogue,
    rules: Rules<'_>,
    base: Option<&str>,
) -> Result<Redone, LakeError> {
    let mut done = Redone { outcome: Outcome::default(), last_day: Vec::new() };
    let Some(first) = touched.values().copied().min() else { return Ok(done) };
    let points: BTreeSet<i64> = touched.keys().copied().collect();
    let history = History::load(lake, &points, (first, through), catalogue, rules, base)?;
    let mut bench = Bench::new(rules.vee)?;
    let mut rows: Vec<Vec<StateRow>> = vec![Vec::new(); history.days.len()];
    for (usage_point, from) in touched {
        let skip = usize::try_from(from - history.first).unwrap_or(0);
        let again = history.redo(*usage_point, skip, &mut bench)?;
        for (k, (row, found)) in again.into_iter().enumerate() {
            let at = skip + k;
            done.outcome.exceptions.extend(found);
            let Some(row) = row else { continue };
            let old = history.states[at + 1].get(usage_point).copied();
            if at + 1 == history.days.len() {
                done.last_day.extend(old.map(|old| (old, row)));
            }
            if old == Some(row) {
                continue;
            }
            done.outcome.changes.extend(change(&history.days[at], old, &row));
            rows[at].push(row);
        }
    }
    for (day, rows) in history.days.iter().zip(rows) {
        if !rows.is_empty() {
            let file = lake.write_sorted(Dataset::State, org, day.date, version, rows)?;
            done.outcome.files.push(file);
        }
    }
    done.outcome.exceptions.sort_by_key(|e| (e.usage_point, e.day));
    Ok(done)
}

/// A day of a usage point that is to be computed again, from an earlier day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    pub(super) usage_point: i64,
    pub(super) day: i32,
    pub(super) from: i32,
}

/// What these days come to when each is computed again from its inputs, with readings through a
/// later day; nothing is written. The stored inputs of all of them are read once.
pub(super) fn again(
    lake: &Lake,
    looks: &[Look],
    through: Date,
    catalogue: &dyn Catalogue,
    rules: Rules<'_>,
) -> Result<Vec<Option<StateRow>>, LakeError> {
    let Some(first) = looks.iter().map(|look| look.from).min() else { return Ok(Vec::new()) };
    let points: BTreeSet<i64> = looks.iter().map(|look| look.usage_point).collect();
    let history = History::load(lake, &points, (first, through), catalogue, rules, None)?;
    let mut bench = Bench::new(rules.vee)?;
    let row = |look: &Look| {
        let skip = usize::try_from(look.from - history.first).unwrap_or(0);
        let at = usize::try_from(look.day - look.from).unwrap_or(0);
        let again = history.redo(look.usage_point, skip, &mut bench)?;
        Ok(again.get(at).and_then(|settled| settled.0))
    };
    looks.iter().map(row).collect()
}

fn change(day: &Day<'_>, old: Option<StateRow>, row: &StateRow) -> Option<DayChange> {
    let change = DayChange {
        usage_point: row.usage_point,
        day: day.date,
        energy_before_ukwh: old.map_or(0, |old| old.day_ukwh()),
        energy_after_ukwh: row.day_ukwh(),
        charge_before: old.map_or(0, |old| old.charge_day),
        charge_after: row.charge_day,
        beside_before: old.map_or(Beside::default(), |old| Beside::of(&old)),
        beside_after: Beside::of(row),
    };
    let differs = change.energy_before_ukwh != change.energy_after_ukwh
        || change.charge_before != change.charge_after
        || change.beside_before != change.beside_after;
    differs.then_some(change)
}

impl<'a> History<'a> {
    fn load(
        lake: &Lake,
        points: &BTreeSet<i64>,
        (first, through): (i32, Date),
        catalogue: &dyn Catalogue,
        rules: Rules<'a>,
        base: Option<&str>,
    ) -> Result<Self, LakeError> {
        let mut history =
            Self { days: Vec::new(), first, points: BTreeMap::new(), states: Vec::new() };
        for point in points {
            history.points.insert(*point, Vec::new());
        }
        let last = day_number(through);
        for number in (first - 1)..=last {
            let date = date_of(number)
                .ok_or_else(|| LakeError::Invalid(format!("day {number} is no date")))?;
            let mut files = catalogue.files(date)?;
            if number == last {
                files.state.extend(base.map(str::to_owned));
            }
            history.load_states(lake, &files, points)?;
            if number >= first {
                history.days.push(Day::new(rules, date, files.rest_day)?);
                history.load_day(lake, number, &files, points)?;
            }
        }
        Ok(history)
    }

    fn load_states(
        &mut self,
        lake: &Lake,
        files: &DayFiles,
        points: &BTreeSet<i64>,
    ) -> Result<(), LakeError> {
        let mut states = overlay(lake, &files.state, range(points))?;
        let mut found = BTreeMap::new();
        for point in points {
            found.extend(states.of(*point)?.map(|row| (*point, row)));
        }
        self.states.push(found);
        Ok(())
    }

    fn load_day(
        &mut self,
        lake: &Lake,
        number: i32,
        files: &DayFiles,
        points: &BTreeSet<i64>,
    ) -> Result<(), LakeError> {
        let range = range(points);
        let terms: Vec<String> = files.terms.iter().cloned().collect();
        let mut terms = Merged::open_range(lake, &terms, range, |r: &TermsRow| r.usage_point)?;
        let mut readings = Merged::open_range(lake, &files.readings, range, ReadingRow::sort_key)?;
        let mut intervals =
            Merged::open_range(lake, &files.intervals, range, IntervalRow::sort_key)?;
        for (point, days) in &mut self.points {
            let mut day = PointDay::default();
            terms.of_usage_point(*point, |row| day.terms = Some(row))?;
            readings.of_usage_point(*point, |row| day.delivered.reads.take(row))?;
            day.delivered.reads.settle()?;
            intervals.of_usage_point(*point, |row| {
                let row = row.in_day();
                if row.day == number {
                    day.delivered.intervals.take(row);
                }
            })?;
            day.delivered.intervals.settle();
            days.push(day);
        }
        Ok(())
    }

    fn redo(
        &self,
        usage_point: i64,
        skip: usize,
        bench: &mut Bench,
    ) -> Result<Vec<span::Settled>, LakeError> {
        let before = self.states.get(skip).and_then(|s| s.get(&usage_point)).copied();
        let points = self.points.get(&usage_point).map_or(&[][..], Vec::as_slice);
        span::run(
            self.days.get(skip..).unwrap_or(&[]),
            before,
            points.get(skip..).unwrap_or(&[]),
            bench,
        )
    }
}

/// Writes one file with the rows of a day that count, to take the place of its layers.
///
/// # Errors
/// [`LakeError::NotFound`] for a day that is not settled; a failure of the disk or the store.
pub fn compact_state(
    lake: &Lake,
    org: i64,
    day: Date,
    version: i64,
    catalogue: &dyn Catalogue,
) -> Result<Manifest, LakeError> {
    let files = catalogue.files(day)?;
    if files.state.is_empty() {
        return Err(LakeError::NotFound(format!("the state of {day}")));
    }
    let mut rows = overlay(lake, &files.state, (i64::MIN, i64::MAX))?;
    let mut out = lake.create::<StateRow>(Dataset::State, org, day, version)?;
    while let Some(row) = rows.next()? {
        out.push(row)?;
    }
    out.finish()
}
