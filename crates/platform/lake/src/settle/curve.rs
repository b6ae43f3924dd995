//! A day whose use comes from intervals: alone, or for the windows only while the total comes from
//! the register.

use kernel::{Energy, RoundingMode};
use metering::{
    consumption::{SumCheck, share_out},
    vee::{DayUse, RuleHits, RuleId, Severity, check_day},
};

use super::{
    intervals::DayCurve,
    point::{
        Carry, Day, Step, accept, estimated, exception, finish, learn, possible, shape, usual,
    },
    reads::Moved,
};
use crate::{
    LakeError,
    tables::{DayMethod, Measured, REGISTERS, StateRow, TermsRow},
};

const OVER: LakeError = LakeError::Quantity(kernel::QuantityError::Overflow("energy"));

/// Settles a day from its validated intervals, and from the register where it was read.
pub(super) fn by_intervals(
    day: &Day<'_>,
    prev: &StateRow,
    terms: &TermsRow,
    curve: &DayCurve,
    moved: Option<Moved>,
    measured: Measured,
) -> Result<Step, LakeError> {
    let found = energy(terms, curve)?;
    // After a gap the register tells of more days than this one.
    let register = moved
        .as_ref()
        .filter(|m| !m.reversed && prev.gap_days == 0)
        .and_then(Moved::buckets)
        .map(|b| b.iter().fold(0_i64, |s, u| s.saturating_add(*u)));
    let mut used = complete(found, curve, register, usual(prev, day.kind).unwrap_or(0))?;
    let day_use = compare(day, prev, terms, curve, moved.as_ref(), register, (&found, &used))?;
    let hits = hits(day, curve, &day_use);
    let stopped = hits.iter().any(|rule| rule.severity() == Severity::Stop);
    let decided = curve.decided || moved.as_ref().is_some_and(Moved::decided);
    let shown = moved.as_ref().and_then(|m| m.shown);
    if stopped && !decided {
        return estimated(day, prev, terms, Some((hits, day_use, shown)));
    }
    let method = match (measured, register) {
        (Measured::Rebucketed, Some(total)) => {
            used = shape(total, &used);
            DayMethod::Rebucketed
        }
        _ if missing(curve) > 0 || curve.estimated > 0 => DayMethod::IntervalsCompleted,
        _ => DayMethod::Intervals,
    };
    let row = match moved.filter(|m| !m.reversed) {
        Some(moved) => accept(day, prev, terms, &moved, used, hits, method)?,
        None => without_register(day, prev, terms, used, hits, method)?,
    };
    let exception = exception(day, terms, &row, day_use, shown);
    Ok(Step::Done(row, exception))
}

fn missing(curve: &DayCurve) -> i64 {
    curve.missing.iter().sum()
}

fn sum(used: &[i64; 5]) -> Result<i64, LakeError> {
    used.iter().try_fold(0_i64, |s, u| s.checked_add(*u)).ok_or(OVER)
}

/// Energy by bucket after the multiplier, without what is missing.
fn energy(terms: &TermsRow, curve: &DayCurve) -> Result<[i64; 5], LakeError> {
    let mut used = [0_i64; 5];
    for (slot, wh) in used.iter_mut().zip(curve.wh) {
        let ukwh = i128::from(wh) * 1_000 * i128::from(terms.multiplier)
            / i128::from(terms.multiplier_by.max(1));
        *slot = i64::try_from(ukwh).map_err(|_| OVER)?;
    }
    Ok(used)
}

/// Slots for which nothing is known take their equal share of the rest of the register's use, or
/// else of the usual use of such a day.
fn complete(
    mut used: [i64; 5],
    curve: &DayCurve,
    register: Option<i64>,
    usual: i64,
) -> Result<[i64; 5], LakeError> {
    let missing = missing(curve);
    if missing == 0 {
        return Ok(used);
    }
    let rest = match register {
        Some(total) => (total - sum(&used)?).max(0),
        None => i64::try_from(i128::from(usual) * i128::from(missing) / i128::from(curve.slots))
            .map_err(|_| OVER)?,
    };
    for (slot, part) in used.iter_mut().zip(share_out(rest, &curve.missing)) {
        *slot = slot.checked_add(part).ok_or(OVER)?;
    }
    Ok(used)
}

/// What the checks of the day compare.
fn compare(
    day: &Day<'_>,
    prev: &StateRow,
    terms: &TermsRow,
    curve: &DayCurve,
    moved: Option<&Moved>,
    register: Option<i64>,
    (found, used): (&[i64; 5], &[i64; 5]),
) -> Result<DayUse, LakeError> {
    let total = sum(used)?;
    let sums = match register.filter(|_| missing(curve) == 0) {
        Some(register) => Some(sum_check(day, terms, register, sum(found)?)?),
        None => None,
    };
    Ok(DayUse {
        used: Some(Energy::from_ukwh(total)),
        days: 1,
        usual: usual(prev, day.kind).map(Energy::from_ukwh),
        zero_days: if total == 0 { u32::from(prev.zero_days) + 1 } else { 0 },
        supplied: terms.supplied != 0,
        reversed: moved.is_some_and(|m| m.reversed),
        rolled_over: moved.is_some_and(|m| m.rolled_over),
        possible: possible(terms, 1),
        time_of_use: None,
        intervals: sums,
    })
}

fn hits(day: &Day<'_>, curve: &DayCurve, day_use: &DayUse) -> RuleHits {
    let mut bits = check_day(day_use, day.vee).bits();
    for rule in &curve.hits {
        bits |= 1 << *rule as u16;
    }
    if missing(curve) > 0 {
        bits |= 1 << RuleId::Gap as u16;
    }
    RuleHits::from_bits(bits)
}

fn without_register(
    day: &Day<'_>,
    prev: &StateRow,
    terms: &TermsRow,
    used: [i64; 5],
    hits: RuleHits,
    method: DayMethod,
) -> Result<StateRow, LakeError> {
    let total = sum(&used)?;
    let carry = Carry {
        read_day: day.number,
        gap_days: 0,
        gap_ukwh: 0,
        zero_days: if total == 0 { prev.zero_days.saturating_add(1) } else { 0 },
        method,
        hits,
    };
    let mut row = finish(day, prev, terms, used, &carry)?;
    learn(&mut row, day.kind, total);
    // A register that was not read today stands for an unknown part of the past.
    row.register = [None; REGISTERS];
    Ok(row)
}

/// The intervals against the register, both after the multiplier. The register cuts its last
/// digit at both ends.
fn sum_check(
    day: &Day<'_>,
    terms: &TermsRow,
    register: i64,
    found: i64,
) -> Result<SumCheck, LakeError> {
    let expected = Energy::from_ukwh(register);
    let digits = 10_i64
        .pow(6_u32.saturating_sub(u32::from(terms.scale)))
        .saturating_mul(terms.multiplier)
        .saturating_mul(2);
    let tolerance = expected
        .times(day.vee.sum_share, RoundingMode::Up)?
        .checked_add(Energy::from_ukwh(digits))?;
    Ok(SumCheck { expected, found: Energy::from_ukwh(found), tolerance })
}
