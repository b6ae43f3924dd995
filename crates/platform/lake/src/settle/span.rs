//! Several days of one usage point. A reading that ends a gap tells the true use of the whole
//! gap: its days are done again with their share of it, in proportion to their usual use, so a
//! gap never becomes a spike on the day on which the meter answers again.

use metering::{consumption::share_out, reading::RegisterKind};

use super::{
    DayException,
    intervals::Bench,
    point::{Accepted, Carry, Day, Delivered, Step, accept, exception, finish, opening, step},
};
use crate::{
    LakeError,
    tables::{DayMethod, StateRow, TermsRow},
};

/// One day of one usage point.
#[derive(Debug, Clone, Default)]
pub(super) struct PointDay {
    /// `None`: no terms on the day, so no state either.
    pub(super) terms: Option<TermsRow>,
    pub(super) delivered: Delivered,
}

/// A day's state and finding; no state on a day without terms.
pub(super) type Settled = (Option<StateRow>, Option<DayException>);

/// The states of consecutive days, from the state before the first of them. The state before
/// must not lie inside a gap that these days end.
pub(super) fn run(
    days: &[Day<'_>],
    before: Option<StateRow>,
    points: &[PointDay],
    bench: &mut Bench,
) -> Result<Vec<Settled>, LakeError> {
    let mut rows: Vec<Settled> = Vec::with_capacity(days.len());
    for (i, (day, point)) in days.iter().zip(points).enumerate() {
        let Some(terms) = &point.terms else {
            rows.push((None, None));
            continue;
        };
        let prev = match i.checked_sub(1) {
            Some(last) => rows.get(last).and_then(|r| r.0),
            None => before,
        };
        let prev = prev.unwrap_or_else(|| opening(terms));
        match step(day, &prev, terms, &point.delivered, bench)? {
            Step::Done(row, found) => rows.push((Some(row), found)),
            Step::Reopen(accepted) => {
                let gap = usize::from(prev.gap_days).min(i);
                let from = i - gap;
                let base = match from.checked_sub(1) {
                    Some(last) => rows.get(last).and_then(|r| r.0),
                    None => before,
                };
                fill(&days[from..=i], &points[from..=i], base, &accepted, &mut rows)?;
            }
        }
    }
    Ok(rows)
}

/// Does the days of a gap again: the last of `days` is the one with the reading.
fn fill(
    days: &[Day<'_>],
    points: &[PointDay],
    base: Option<StateRow>,
    accepted: &Accepted,
    rows: &mut Vec<Settled>,
) -> Result<(), LakeError> {
    let first = rows.len() + 1 - days.len();
    let weights = weights(days, base.as_ref());
    let parts = accepted.used.map(|used| share_out(used, &weights));
    let beside = BESIDE.map(|kind| share_out(accepted.moved.register(kind).unwrap_or(0), &weights));
    let mut prev = base;
    for (k, (day, point)) in days.iter().zip(points).enumerate() {
        let Some(terms) = &point.terms else { continue };
        let of = |parts: &Vec<i64>| parts.get(k).copied().unwrap_or(0);
        let used = parts.each_ref().map(of);
        let beside = beside.each_ref().map(of);
        let state = prev.unwrap_or_else(|| opening(terms));
        if k + 1 == days.len() {
            let hits = accepted.hits;
            let mut row =
                accept(day, &state, terms, &accepted.moved, used, hits, DayMethod::Spread)?;
            put_beside(&mut row, beside);
            let found = exception(day, terms, &row, accepted.day_use, accepted.moved.shown);
            rows.push((Some(row), found));
            return Ok(());
        }
        let carry = Carry {
            read_day: state.read_day,
            gap_days: state.gap_days.saturating_add(1),
            gap_ukwh: state.gap_ukwh.saturating_add(used.iter().sum()),
            zero_days: state.zero_days,
            method: DayMethod::Spread,
            hits: metering::vee::RuleHits::from_bits(
                rows.get(first + k).and_then(|r| r.0).map_or(0, |row| row.hits),
            ),
        };
        let mut row = finish(day, &state, terms, used, &carry)?;
        put_beside(&mut row, beside);
        if let Some(slot) = rows.get_mut(first + k) {
            slot.0 = Some(row);
        }
        prev = Some(row);
    }
    Ok(())
}

/// What is counted beside the use, and spread as it is. A highest demand is no sum: it stays with
/// the day on which it was read.
const BESIDE: [RegisterKind; 3] =
    [RegisterKind::ExportTotal, RegisterKind::ReactiveForward, RegisterKind::ReactiveReverse];

fn put_beside(row: &mut StateRow, parts: [i64; 3]) {
    [row.export_ukwh, row.reactive_forward_ukvarh, row.reactive_reverse_ukvarh] = parts;
}

/// The usual use of each day, as far as it was known before the gap.
fn weights(days: &[Day<'_>], base: Option<&StateRow>) -> Vec<i64> {
    let usual = |kind: usize| -> i64 {
        let Some(base) = base else { return 1 };
        [kind, 1 - kind.min(1)]
            .into_iter()
            .find(|k| base.usual_days[*k] > 0)
            .map_or(1, |k| base.usual[k])
    };
    days.iter().map(|day| usual(day.kind)).collect()
}
