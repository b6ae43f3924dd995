//! The same computation again: every row of a settled day is recomputed from stored inputs and
//! compared with the row that is stored, field by field.

use jiff::ToSpan;
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
        let (a, b) = (fields_of(stored), fields_of(computed));
        let fields = a.into_iter().zip(b).filter(|(a, b)| a != b);
        fields
            .map(|((name, stored), (_, computed))| {
                format!("{name}: stored {stored}, computed {computed}")
            })
            .collect()
    }
}

/// Names and values of a row's fields, from the derived text of the struct: a line each, whose
/// value goes on over the lines that stand further in.
fn fields_of(row: &StateRow) -> Vec<(String, String)> {
    let text = format!("{row:#?}");
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("    ")) {
        match (line.split_once(": "), fields.last_mut()) {
            (Some((name, value)), _) if !line.starts_with(' ') => {
                fields.push((name.to_owned(), value.to_owned()));
            }
            (_, Some((_, value))) => value.push_str(line.trim()),
            (_, None) => {}
        }
    }
    for (_, value) in &mut fields {
        *value = value.replace(",)", ")").replace(",]", "]").trim_end_matches(',').to_owned();
    }
    fields
}

/// How many days of usage points with a gap are computed again at a time: all that is stored about
/// their months is in memory meanwhile.
const TOGETHER: usize = 4_000;

/// How far ahead the end of a gap is looked for at first.
const AHEAD_DAYS: i32 = 100;

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
        let at = found.len();
        looks.extend(first.again.into_iter().map(|(look, stored)| Seen { look, stored, at }));
        let (rows, differences) = (first.rows, first.differences);
        found.push(VerifiedDay { day: *day, rows, differences });
    }
    let end = days.iter().copied().max().map_or(through, |day| day.max(through));
    let soon = days.iter().copied().max().unwrap_or(end).saturating_add(AHEAD_DAYS.days());
    looks.sort_unstable_by_key(|seen: &Seen| seen.look);
    // Most gaps end soon; what does not come out then is computed with all that came later.
    let mut wrong = differing(lake, &looks, soon.min(end), catalogue, rules)?;
    if soon < end {
        let again: Vec<Seen> = wrong.into_iter().map(|(seen, _)| seen).collect();
        wrong = differing(lake, &again, end, catalogue, rules)?;
    }
    for (seen, computed) in wrong {
        found[seen.at].differences.push(DayDifference {
            usage_point: seen.look.usage_point,
            stored: seen.stored.map(Box::new),
            computed: computed.map(Box::new),
        });
    }
    for day in &mut found {
        day.differences.sort_by_key(|d| d.usage_point);
        day.differences.truncate(limit);
    }
    Ok(found)
}

/// A row that depends on readings after its day, and which of the asked days that is.
#[derive(Debug, Clone, Copy)]
struct Seen {
    look: Look,
    stored: Option<StateRow>,
    at: usize,
}

/// The rows that come out differently with the readings through a day, and what they come to.
fn differing(
    lake: &Lake,
    looks: &[Seen],
    until: Date,
    catalogue: &dyn Catalogue,
    rules: Rules<'_>,
) -> Result<Vec<(Seen, Option<StateRow>)>, LakeError> {
    let mut differ = Vec::new();
    for looks in looks.chunks(TOGETHER) {
        let asked: Vec<Look> = looks.iter().map(|seen| seen.look).collect();
        let computed = again(lake, &asked, until, catalogue, rules)?;
        let both = looks.iter().copied().zip(computed);
        differ.extend(both.filter(|(seen, computed)| seen.stored != *computed));
    }
    Ok(differ)
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
