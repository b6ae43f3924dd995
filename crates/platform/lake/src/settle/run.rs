//! The nightly stream: terms, yesterday's state, readings and intervals side by side in the order
//! of usage points, one pass, flat memory.

use std::collections::BTreeMap;

use kernel::Date;
use metering::vee::RuleId;

use super::{
    Catalogue, DayTotals, Outcome, Rules,
    correct::redo,
    intervals::Bench,
    point::{Day, Delivered, Step, opening, step},
};
use crate::{
    Dataset, Lake, LakeError, Manifest,
    merged::Merged,
    tables::{DayMethod, IntervalRow, ReadingRow, StateRow, TermsRow, day_number},
};

/// State files of a day laid over each other: of several rows of a usage point the one of the
/// highest version counts.
pub(crate) struct Overlaid<F: Fn(&StateRow) -> i64> {
    rows: Merged<StateRow, i64, F>,
}

pub(crate) fn overlay(
    lake: &Lake,
    keys: &[String],
    range: (i64, i64),
) -> Result<Overlaid<impl Fn(&StateRow) -> i64 + use<>>, LakeError> {
    Ok(Overlaid { rows: Merged::open_range(lake, keys, range, |row: &StateRow| row.usage_point)? })
}

impl<F: Fn(&StateRow) -> i64> Overlaid<F> {
    /// The next usage point's row that counts.
    pub(crate) fn next(&mut self) -> Result<Option<StateRow>, LakeError> {
        let Some(mut row) = self.rows.next()? else { return Ok(None) };
        while let Some(over) = self.rows.peek()?.filter(|r| r.usage_point == row.usage_point) {
            row = over;
            self.rows.next()?;
        }
        Ok(Some(row))
    }

    /// The row of this usage point; those before it are skipped.
    pub(crate) fn of(&mut self, usage_point: i64) -> Result<Option<StateRow>, LakeError> {
        let mut found = None;
        self.rows.of_usage_point(usage_point, |row| found = Some(row))?;
        Ok(found)
    }
}

/// Settles a day: writes its state as `version`, and as `version + 1` what readings that end a
/// gap change in this and earlier days. `version` must be higher than that of every state file
/// of the organisation so far. The same inputs give the same bytes.
///
/// # Errors
/// A missing or unreadable file, terms that name no plan, a calendar without the year, overflow.
/// Nothing counts then; files that were written are not in any manifest.
pub fn settle_day(
    lake: &Lake,
    org: i64,
    date: Date,
    version: i64,
    catalogue: &dyn Catalogue,
    rules: Rules<'_>,
) -> Result<Outcome, LakeError> {
    let files = catalogue.files(date)?;
    let before = date.yesterday().map_err(|_| LakeError::Invalid("no day before".into()))?;
    let yesterday = catalogue.files(before)?.state;
    let day = Day::new(rules, date, files.rest_day)?;
    let mut night = Night {
        day,
        bench: Bench::new(rules.vee)?,
        outcome: Outcome::default(),
        reopened: BTreeMap::new(),
    };
    let manifest = night.stream(lake, org, version, &files, &yesterday)?;
    let mut outcome = night.outcome;
    let state = manifest.path.clone();
    outcome.files.push(manifest);
    if !night.reopened.is_empty() {
        let fixed =
            redo(lake, org, &night.reopened, date, version + 1, catalogue, rules, Some(&state))?;
        // The first pass counted these usage points as they stood before their gaps were filled.
        for (row, again) in &fixed.last_day {
            uncount(&mut outcome.totals, row)?;
            count(&mut outcome.totals, again)?;
        }
        outcome.exceptions.retain(|e| !night.reopened.contains_key(&e.usage_point));
        outcome.exceptions.extend(fixed.outcome.exceptions.into_iter().filter(|e| e.day == date));
        outcome.exceptions.sort_by_key(|e| (e.usage_point, e.day));
        outcome.changes.extend(fixed.outcome.changes.into_iter().filter(|c| c.day < date));
        outcome.files.extend(fixed.outcome.files);
    }
    Ok(outcome)
}

struct Night<'a> {
    day: Day<'a>,
    bench: Bench,
    outcome: Outcome,
    /// Usage points whose gap ends today, with the first day of the gap.
    reopened: BTreeMap<i64, i32>,
}

impl Night<'_> {
    fn stream(
        &mut self,
        lake: &Lake,
        org: i64,
        version: i64,
        files: &super::DayFiles,
        yesterday: &[String],
    ) -> Result<Manifest, LakeError> {
        let all = (i64::MIN, i64::MAX);
        let terms: Vec<String> = files.terms.iter().cloned().collect();
        let mut terms = Merged::open(lake, &terms, |row: &TermsRow| row.usage_point)?;
        let mut states = overlay(lake, yesterday, all)?;
        let mut readings = Merged::open(lake, &files.readings, ReadingRow::sort_key)?;
        let mut intervals = Merged::open(lake, &files.intervals, IntervalRow::sort_key)?;
        let mut out = lake.create::<StateRow>(Dataset::State, org, self.day.date, version)?;
        let mut delivered = Delivered::default();
        let mut stray = (0, 0);
        while let Some(terms) = terms.next()? {
            let prev = states.of(terms.usage_point)?;
            delivered.clear();
            let reads = &mut delivered.reads;
            stray.0 += readings.of_usage_point(terms.usage_point, |row| reads.take(row))?;
            reads.settle()?;
            let curve = &mut delivered.intervals;
            let number = self.day.number;
            stray.1 += intervals.of_usage_point(terms.usage_point, |row| {
                let row = row.in_day();
                if row.day == number {
                    curve.take(row);
                }
            })?;
            curve.settle();
            let found = self.outcome.exceptions.len();
            let row = self.point(prev.as_ref(), &terms, &delivered)?;
            let silent = self.outcome.exceptions[found..].iter().any(|e| e.hits.has(RuleId::Gap));
            self.collect(&terms, !silent);
            count(&mut self.outcome.totals, &row)?;
            if self.day.plans.of(&terms)?.form(&terms)?.is_none() {
                self.outcome.totals.without_daily_charge += 1;
            }
            out.push(row)?;
        }
        while readings.next()?.is_some() {
            stray.0 += 1;
        }
        while intervals.next()?.is_some() {
            stray.1 += 1;
        }
        self.outcome.totals.stray_readings = stray.0;
        self.outcome.totals.stray_intervals = stray.1;
        out.finish()
    }

    fn collect(&mut self, terms: &TermsRow, received: bool) {
        let (received, dedicated) = (i64::from(received), i64::from(terms.dedicated));
        let area = self.outcome.collection.entry(terms.transformer_area).or_default();
        area.expected += 1;
        area.received += received;
        area.dedicated_expected += dedicated;
        area.dedicated_received += received * dedicated;
    }

    fn point(
        &mut self,
        prev: Option<&StateRow>,
        terms: &TermsRow,
        delivered: &Delivered,
    ) -> Result<StateRow, LakeError> {
        let fresh;
        let prev = match prev {
            Some(prev) => prev,
            None => {
                fresh = opening(terms);
                &fresh
            }
        };
        match step(&self.day, prev, terms, delivered, &mut self.bench)? {
            Step::Done(row, found) => {
                self.outcome.exceptions.extend(found);
                Ok(row)
            }
            Step::Reopen(_) => {
                let first = day_number(self.day.date) - i32::from(prev.gap_days);
                self.reopened.insert(terms.usage_point, first);
                // Written once more without the reading; the corrected row lies over it.
                let nothing = Delivered::default();
                match step(&self.day, prev, terms, &nothing, &mut self.bench)? {
                    Step::Done(row, _) => Ok(row),
                    Step::Reopen(_) => Err(LakeError::Invalid("a gap ended twice".into())),
                }
            }
        }
    }
}

/// Adds a row to the totals of its day.
pub(super) fn count(totals: &mut DayTotals, row: &StateRow) -> Result<(), LakeError> {
    add(totals, row, 1)
}

fn uncount(totals: &mut DayTotals, row: &StateRow) -> Result<(), LakeError> {
    add(totals, row, -1)
}

fn add(totals: &mut DayTotals, row: &StateRow, sign: i64) -> Result<(), LakeError> {
    const OVER: LakeError = LakeError::Quantity(kernel::QuantityError::Overflow("total of a day"));
    let bump = |slot: &mut u64| {
        *slot = slot.wrapping_add_signed(sign);
    };
    bump(&mut totals.usage_points);
    bump(match DayMethod::from_code(row.method) {
        DayMethod::None => &mut totals.unknown,
        DayMethod::Estimated => &mut totals.estimated,
        DayMethod::Held => &mut totals.held,
        _ => &mut totals.read,
    });
    for (sum, used) in totals.used_ukwh.iter_mut().zip(row.used) {
        *sum = sum.checked_add(used * sign).ok_or(OVER)?;
    }
    let charge = totals.charge_units.checked_add(row.charge_day * sign);
    totals.charge_units = charge.ok_or(OVER)?;
    Ok(())
}
