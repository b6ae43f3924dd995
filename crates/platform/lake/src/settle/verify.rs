//! The same computation again: every row of a settled day is recomputed from stored inputs and
//! compared with the row that is stored, field by field.

use kernel::Date;

use super::{
    Catalogue, Rules,
    correct::{Look, again},
    intervals::Bench,
    point::{Day, Delivered, Step, opening, step},
    run::overlay,
};
use crate::{
    Lake, LakeError,
    merged::Merged,
    tables::{IntervalRow, ReadingRow, StateRow, TermsRow},
};

/// A stored row that is not what its inputs give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayDifference {
    /// The usage point.
    pub usage_point: i64,
    /// What is stored; `None`: the row is missing.
    pub stored: Option<Box<StateRow>>,
    /// What the inputs give; `None`: there should be no row.
    pub computed: Option<Box<StateRow>>,
}

impl DayDifference {
    /// Which fields differ, with both values: `charge_day: stored 4700, computed 4800`.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let (Some(stored), Some(computed)) = (&self.stored, &self.computed) else {
            let what =
                if self.stored.is_some() { "the row should not be there" } else { "missing" };
            return vec![what.to_owned()];
        };
        // The derived text of a struct lists its fields in order, one a line.
        let (a, b) = (format!("{stored:#?}"), format!("{computed:#?}"));
        let lines = a.lines().zip(b.lines()).filter(|(a, b)| a != b);
        lines
            .map(|(a, b)| {
                let value = b.split_once(": ").map_or(b.trim(), |(_, v)| v);
                format!("stored {} computed {}", a.trim(), value.trim_end_matches(','))
            })
            .collect()
    }
}

/// How many days of usage points with a gap are computed again at a time: all that is stored about
/// their months is in memory meanwhile.
const TOGETHER: usize = 4_000;

/// A settled day that was computed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedDay {
    /// The day.
    pub day: Date,
    /// How many rows were compared.
    pub rows: u64,
    /// Where they differ, by usage point.
    pub differences: Vec<DayDifference>,
}

/// Recomputes settled days and returns, for each, the usage points whose rows differ, at most
/// `limit`. Days that were estimated until a later reading came are recomputed with that reading:
/// `through` is the last settled day. What such days stand on is read once for many of them, so ask
/// for a month rather than for a day.
///
/// # Errors
/// [`LakeError::NotFound`] for a day that is not settled; as [`super::settle_day`].
pub fn verify_days(
    lake: &Lake,
    days: &[Date],
    through: Date,
    limit: usize,
    catalogue: &dyn Catalogue,
    rules: Rules<'_>,
) -> Result<Vec<VerifiedDay>, LakeError> {
    let mut found = Vec::with_capacity(days.len());
    let mut looks = Vec::new();
    for day in days {
        let first = first_look(lake, *day, catalogue, rules)?;
        looks.extend(first.again.into_iter().map(|(look, stored)| (look, stored, found.len())));
        let (rows, differences) = (first.rows, first.differences);
        found.push(VerifiedDay { day: *day, rows, differences });
    }
    let through = days.iter().copied().fold(through, Date::max);
    looks.sort_unstable_by_key(|(look, ..)| *look);
    for looks in looks.chunks(TOGETHER) {
        let asked: Vec<Look> = looks.iter().map(|(look, ..)| *look).collect();
        let computed = again(lake, &asked, through, catalogue, rules)?;
        for ((look, stored, at), computed) in looks.iter().zip(computed) {
            if *stored != computed {
                found[*at].differences.push(DayDifference {
                    usage_point: look.usage_point,
                    stored: stored.map(Box::new),
                    computed: computed.map(Box::new),
                });
            }
        }
    }
    for day in &mut found {
        day.differences.sort_by_key(|d| d.usage_point);
        day.differences.truncate(limit);
    }
    Ok(found)
}

/// What a day's own readings tell, and the rows that depend on readings after it.
struct FirstLook {
    rows: u64,
    differences: Vec<DayDifference>,
    /// What to compute again, with the stored row.
    again: Vec<(Look, Option<StateRow>)>,
}

fn first_look(
    lake: &Lake,
    day: Date,
    catalogue: &dyn Catalogue,
    rules: Rules<'_>,
) -> Result<FirstLook, LakeError> {
    let files = catalogue.files(day)?;
    if files.state.is_empty() {
        return Err(LakeError::NotFound(format!("the state of {day}")));
    }
    let before = day.yesterday().map_err(|_| LakeError::Invalid("no day before".into()))?;
    let yesterday = catalogue.files(before)?.state;
    let all = (i64::MIN, i64::MAX);
    let terms_files: Vec<String> = files.terms.iter().cloned().collect();
    let mut terms = Merged::open(lake, &terms_files, |row: &TermsRow| row.usage_point)?;
    let mut prevs = overlay(lake, &yesterday, all)?;
    let mut stored = overlay(lake, &files.state, all)?;
    let mut readings = Merged::open(lake, &files.readings, ReadingRow::sort_key)?;
    let mut intervals = Merged::open(lake, &files.intervals, IntervalRow::sort_key)?;
    let context = Day::new(rules, day, files.rest_day)?;
    let mut bench = Bench::new(rules.vee)?;
    let (mut rows, mut differences, mut again) = (0, Vec::new(), Vec::new());
    let mut delivered = Delivered::default();
    let mut head = stored.next()?;
    while let Some(terms) = terms.next()? {
        let usage_point = terms.usage_point;
        while let Some(extra) = head.filter(|row| row.usage_point < usage_point) {
            differences.push(without_terms(extra));
            head = stored.next()?;
        }
        let present = head.filter(|row| row.usage_point == usage_point);
        if present.is_some() {
            head = stored.next()?;
        }
        rows += 1;
        delivered.clear();
        readings.of_usage_point(usage_point, |row| delivered.reads.take(row))?;
        delivered.reads.settle()?;
        intervals.of_usage_point(usage_point, |row| {
            let row = row.in_day();
            if row.day == context.number {
                delivered.intervals.take(row);
            }
        })?;
        delivered.intervals.settle();
        let prev = prevs.of(usage_point)?.unwrap_or_else(|| opening(&terms));
        let same = match step(&context, &prev, &terms, &delivered, &mut bench)? {
            Step::Done(row, _) => present == Some(row),
            Step::Reopen(_) => false,
        };
        if !same {
            let (day, from) = (context.number, context.number - i32::from(prev.gap_days));
            again.push((Look { usage_point, day, from }, present));
        }
    }
    while let Some(extra) = head {
        differences.push(without_terms(extra));
        head = stored.next()?;
    }
    Ok(FirstLook { rows, differences, again })
}

fn without_terms(row: StateRow) -> DayDifference {
    let usage_point = row.usage_point;
    DayDifference { usage_point, stored: Some(Box::new(row)), computed: None }
}
