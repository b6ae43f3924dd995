//! The rule for one usage point and one day. Pure: the previous state, the terms and what was
//! delivered go in; the new state, a finding, or the wish to reopen a gap come out.

use kernel::{Date, Energy};
use metering::{
    consumption::share_out,
    reading::RegisterKind,
    vee::{DayUse, RuleHits, RuleSet, Severity, check_day},
};
use tariff::{DayPosition, MAX_CELLS};

use super::{
    DayException, HISTORY_DAYS, HISTORY_NEEDED, Rules,
    curve::by_intervals,
    intervals::{Bench, Deliveries},
    plans::{DayPlans, refused},
    reads::{Moved, Reads, follow},
};
use crate::{
    LakeError,
    tables::{DayMethod, Measured, NO_DAY, StateRow, TermsRow, day_number},
};

/// A day as the rule sees it.
pub(super) struct Day<'a> {
    pub(super) date: Date,
    pub(super) number: i32,
    /// 0 on a working day, 1 on a day of rest.
    pub(super) kind: usize,
    pub(super) plans: DayPlans<'a>,
    pub(super) vee: &'a RuleSet,
}

impl<'a> Day<'a> {
    pub(super) fn new(rules: Rules<'a>, date: Date, rest_day: bool) -> Result<Self, LakeError> {
        Ok(Self {
            date,
            number: day_number(date),
            kind: usize::from(rest_day),
            plans: DayPlans::new(rules, date)?,
            vee: rules.vee,
        })
    }
}

/// What was delivered for one usage point and day.
#[derive(Debug, Clone, Default)]
pub(super) struct Delivered {
    pub(super) reads: Reads,
    pub(super) intervals: Deliveries,
}

impl Delivered {
    pub(super) fn clear(&mut self) {
        self.reads.clear();
        self.intervals.clear();
    }
}

/// What a check found about a reading that it stopped: the rules, what they compared, the
/// register before and after with its decimals.
pub(super) type Stopped = (RuleHits, DayUse, Option<(i64, i64, u8)>);

/// What a day's rule answers.
#[expect(clippy::large_enum_variant, reason = "the large one is the common one; no allocation")]
pub(super) enum Step {
    /// The state at the end of the day, and what people should see.
    Done(StateRow, Option<DayException>),
    /// A reading ends a gap: the days since the last reading must be done again with this use.
    Reopen(Box<Accepted>),
}

/// A use that was measured and accepted.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) moved: Moved,
    pub(super) used: [i64; 5],
    pub(super) hits: RuleHits,
    pub(super) day_use: DayUse,
}

/// The state before the first settled day.
pub(super) fn opening(terms: &TermsRow) -> StateRow {
    StateRow {
        usage_point: terms.usage_point,
        account: terms.account,
        plan: terms.plan,
        meter: terms.meter,
        digits: terms.digits,
        scale: terms.scale,
        multiplier: terms.multiplier,
        multiplier_by: terms.multiplier_by,
        read_day: NO_DAY,
        ytd_ukwh: terms.ytd_start_ukwh,
        ..StateRow::default()
    }
}

/// Settles one day.
pub(super) fn step(
    day: &Day<'_>,
    prev: &StateRow,
    terms: &TermsRow,
    delivered: &Delivered,
    bench: &mut Bench,
) -> Result<Step, LakeError> {
    let days = i64::from(prev.gap_days) + 1;
    let moved = follow(prev, terms, &delivered.reads, days)?;
    let measured = Measured::from_code(terms.measured);
    let by_curve = !delivered.intervals.is_empty() && measured != Measured::Registers;
    if by_curve {
        let curve = bench.run(&delivered.intervals, day.plans.slots(terms)?)?;
        return by_intervals(day, prev, terms, &curve, moved, measured);
    }
    match moved {
        Some(moved) if moved.measured || moved.reversed => judge(day, prev, terms, moved),
        // The first reading opens the account: from here on there is something to compare with.
        Some(moved) => {
            let row =
                accept(day, prev, terms, &moved, [0; 5], RuleHits::default(), DayMethod::Actual)?;
            Ok(Step::Done(row, None))
        }
        None => estimated(day, prev, terms, None),
    }
}

/// Decides whether the registers' movement is believed.
fn judge(
    day: &Day<'_>,
    prev: &StateRow,
    terms: &TermsRow,
    moved: Moved,
) -> Result<Step, LakeError> {
    let buckets = moved.buckets();
    let total = buckets.map(|used| used.iter().fold(0_i64, |s, u| s.saturating_add(*u)));
    let day_use = DayUse {
        used: total.filter(|_| !moved.reversed).map(Energy::from_ukwh),
        days: u32::from(prev.gap_days) + 1,
        usual: usual_of_gap(day, prev).map(Energy::from_ukwh),
        zero_days: if total == Some(0) { u32::from(prev.zero_days) + 1 } else { 0 },
        supplied: terms.supplied != 0,
        reversed: moved.reversed,
        rolled_over: moved.rolled_over,
        possible: possible(terms, i64::from(prev.gap_days) + 1),
        time_of_use: moved.sums(day.vee.sum_share)?,
        intervals: None,
    };
    let hits = check_day(&day_use, day.vee);
    let stopped = hits.iter().any(|rule| rule.severity() == Severity::Stop) && !moved.decided();
    let Some(used) = buckets.filter(|_| !moved.reversed && !stopped) else {
        return estimated(day, prev, terms, Some((hits, day_use, moved.shown)));
    };
    if prev.gap_days > 0 {
        return Ok(Step::Reopen(Box::new(Accepted { moved, used, hits, day_use })));
    }
    let row = accept(day, prev, terms, &moved, used, hits, DayMethod::Actual)?;
    let exception = exception(day, terms, &row, day_use, moved.shown);
    Ok(Step::Done(row, exception))
}

/// The usual use of the gap's days and this one; `None` without enough history.
fn usual_of_gap(day: &Day<'_>, prev: &StateRow) -> Option<i64> {
    let usual = usual(prev, day.kind)?;
    usual.checked_add(prev.gap_ukwh)
}

/// The usual use of a day of this kind, else of the other kind.
pub(super) fn usual(prev: &StateRow, kind: usize) -> Option<i64> {
    [kind, 1 - kind.min(1)]
        .into_iter()
        .find(|k| prev.usual_days[*k] >= HISTORY_NEEDED)
        .map(|k| prev.usual[k])
}

/// What the capacity can deliver in so many days.
pub(super) fn possible(terms: &TermsRow, days: i64) -> Option<Energy> {
    if terms.capacity_ukva <= 0 {
        return None;
    }
    let most = i128::from(terms.capacity_ukva) * 24 * i128::from(days);
    Some(Energy::from_ukwh(i64::try_from(most).unwrap_or(i64::MAX)))
}

/// A day without an accepted reading: the usual use of such a day, in the windows of the last
/// measured day. `stopped` carries what a check found about a reading that is there.
pub(super) fn estimated(
    day: &Day<'_>,
    prev: &StateRow,
    terms: &TermsRow,
    stopped: Option<Stopped>,
) -> Result<Step, LakeError> {
    let (hits, day_use, shown, method) = match stopped {
        Some((hits, day_use, shown)) => (hits, day_use, shown, DayMethod::Held),
        None => {
            let day_use = DayUse { supplied: terms.supplied != 0, ..DayUse::default() };
            (check_day(&day_use, day.vee), day_use, None, DayMethod::Estimated)
        }
    };
    let known = prev.read_day != NO_DAY;
    // Before three days of a kind are known, the few that are must do.
    let total = usual(prev, day.kind)
        .or_else(|| (0..2).find(|k| prev.usual_days[*k] > 0).map(|k| prev.usual[k]))
        .filter(|_| known && terms.supplied != 0)
        .unwrap_or(0);
    let used = shape(total, &prev.used);
    let basis = Carry {
        read_day: prev.read_day,
        gap_days: if known { prev.gap_days.saturating_add(1) } else { 0 },
        gap_ukwh: if known { prev.gap_ukwh.saturating_add(total) } else { 0 },
        zero_days: prev.zero_days,
        method: if known || method == DayMethod::Held { method } else { DayMethod::None },
        hits,
    };
    let row = finish(day, prev, terms, used, &basis)?;
    let exception = exception(day, terms, &row, day_use, shown);
    Ok(Step::Done(row, exception))
}

/// A total in the proportions of an earlier day; all in flat when there is none.
pub(super) fn shape(total: i64, like: &[i64; 5]) -> [i64; 5] {
    if like.iter().all(|w| *w <= 0) {
        return [0, 0, total, 0, 0];
    }
    let mut out = [0; 5];
    for (slot, part) in out.iter_mut().zip(share_out(total, like)) {
        *slot = part;
    }
    out
}

/// The state after an accepted reading.
pub(super) fn accept(
    day: &Day<'_>,
    prev: &StateRow,
    terms: &TermsRow,
    moved: &Moved,
    used: [i64; 5],
    hits: RuleHits,
    method: DayMethod,
) -> Result<StateRow, LakeError> {
    let total = used.iter().fold(0_i64, |s, u| s.saturating_add(*u));
    let zero = moved.measured && total == 0;
    let carry = Carry {
        read_day: day.number,
        gap_days: 0,
        gap_ukwh: 0,
        zero_days: if zero { prev.zero_days.saturating_add(1) } else { 0 },
        method,
        hits,
    };
    let mut row = finish(day, prev, terms, used, &carry)?;
    row.meter = moved.basis.meter;
    row.scale = moved.basis.scale;
    row.register = moved.basis.register;
    (row.digits, row.multiplier, row.multiplier_by) = moved.dial;
    let part = |kind| moved.register(kind).unwrap_or(0);
    row.export_ukwh = part(RegisterKind::ExportTotal);
    row.reactive_forward_ukvarh = part(RegisterKind::ReactiveForward);
    row.reactive_reverse_ukvarh = part(RegisterKind::ReactiveReverse);
    row.demand_max_ukw = part(RegisterKind::DemandMax);
    if moved.measured && method != DayMethod::Spread {
        learn(&mut row, day.kind, total);
    }
    Ok(row)
}

/// What a new state takes over besides the use.
pub(super) struct Carry {
    pub(super) read_day: i32,
    pub(super) gap_days: u16,
    pub(super) gap_ukwh: i64,
    pub(super) zero_days: u16,
    pub(super) method: DayMethod,
    pub(super) hits: RuleHits,
}

/// Rates the use of the day and puts the new state together.
pub(super) fn finish(
    day: &Day<'_>,
    prev: &StateRow,
    terms: &TermsRow,
    used: [i64; 5],
    carry: &Carry,
) -> Result<StateRow, LakeError> {
    const OVER: LakeError = LakeError::Quantity(kernel::QuantityError::Overflow("year to date"));
    let total = used.iter().try_fold(0_i64, |s, u| s.checked_add(*u)).ok_or(OVER)?;
    let date = (day.date.month().unsigned_abs(), day.date.day().unsigned_abs());
    let new_year = date == (terms.year_from_month, terms.year_from_day);
    let new_period = date.1 == terms.period_from_day;
    // Who moves in begins a ladder and a bill of their own.
    let moved_in = prev.account != terms.account;
    let (new_year, new_period) = (new_year || moved_in, new_period || moved_in);
    let before = DayPosition {
        ytd_ukwh: if new_year { 0 } else { prev.ytd_ukwh },
        mtd_ukwh: if new_period { 0 } else { prev.mtd_ukwh },
    };
    let charged = if new_period { 0 } else { prev.charge_mtd };
    let plan = day.plans.of(terms)?;
    let (cell, charge_day) = match plan.form(terms)? {
        Some((form, limits)) => {
            let charge = form.day_charge(&limits, before, &used).map_err(refused)?;
            (charge.cells_ukwh, charge.charge_units)
        }
        None => ([0; MAX_CELLS], 0),
    };
    Ok(StateRow {
        account: terms.account,
        plan: terms.plan,
        set: plan.set,
        used,
        cell,
        ytd_ukwh: before.ytd_ukwh.checked_add(total).ok_or(OVER)?,
        mtd_ukwh: before.mtd_ukwh.checked_add(total).ok_or(OVER)?,
        charge_day,
        charge_mtd: charged.checked_add(charge_day).ok_or(OVER)?,
        read_day: carry.read_day,
        gap_days: carry.gap_days,
        gap_ukwh: carry.gap_ukwh,
        zero_days: carry.zero_days,
        hits: carry.hits.bits(),
        method: carry.method as u8,
        export_ukwh: 0,
        reactive_forward_ukvarh: 0,
        reactive_reverse_ukvarh: 0,
        demand_max_ukw: 0,
        ..*prev
    })
}

/// Takes a measured day into the usual use of its kind: a mean that forgets slowly.
pub(super) fn learn(row: &mut StateRow, kind: usize, total: i64) {
    let days = (row.usual_days[kind] + 1).min(HISTORY_DAYS);
    let sum = i128::from(row.usual[kind]) * i128::from(days - 1) + i128::from(total);
    let mean = (sum + i128::from(days / 2)) / i128::from(days);
    row.usual[kind] = i64::try_from(mean).unwrap_or(row.usual[kind]);
    row.usual_days[kind] = days;
}

pub(super) fn exception(
    day: &Day<'_>,
    terms: &TermsRow,
    row: &StateRow,
    day_use: DayUse,
    registers: Option<(i64, i64, u8)>,
) -> Option<DayException> {
    let hits = RuleHits::from_bits(row.hits);
    (!hits.is_empty()).then_some(DayException {
        usage_point: terms.usage_point,
        account: terms.account,
        meter: terms.meter,
        day: day.date,
        hits,
        held: row.method == DayMethod::Held as u8,
        day_use,
        registers,
    })
}
