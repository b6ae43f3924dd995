//! The interval checks of [`crate::grid`] for any interval length, with findings in words.

use super::{Finding, OperandValue, RuleId, RuleSet};
use crate::{
    grid::{Grid, GridError, flag},
    reading::{Mark, Method, Validity},
};

/// One usage point's days of intervals after validation and estimation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// A value for every interval.
    pub values: Vec<i32>,
    /// The flags of each interval ([`flag`]).
    pub flags: Vec<u8>,
    /// What was found, in order of the intervals.
    pub findings: Vec<Finding>,
}

/// Checks and completes whole days of intervals. `delivered` has `86 400 / interval_s` values for
/// each day; `day_kinds` names the kind of each day, and only days of one kind are alike.
/// `scale` is the number of decimals of the values, for the words.
///
/// # Errors
/// [`GridError`] for an unsupported length or a wrong number of values.
pub fn check(
    delivered: &[Option<i32>],
    interval_s: u32,
    day_kinds: &[u8],
    scale: u8,
    rules: &RuleSet,
) -> Result<Checked, GridError> {
    let mut values: Vec<i32> = delivered.iter().map(|value| value.unwrap_or(0)).collect();
    let mut flags: Vec<u8> = delivered.iter().map(|v| u8::from(v.is_none())).collect();
    let kinds = day_kinds.to_vec();
    let slots = match interval_s {
        300 => run::<288>(rules, interval_s, kinds, &mut values, &mut flags),
        600 => run::<144>(rules, interval_s, kinds, &mut values, &mut flags),
        900 => run::<96>(rules, interval_s, kinds, &mut values, &mut flags),
        1_200 => run::<72>(rules, interval_s, kinds, &mut values, &mut flags),
        1_800 => run::<48>(rules, interval_s, kinds, &mut values, &mut flags),
        3_600 => run::<24>(rules, interval_s, kinds, &mut values, &mut flags),
        _ => Err(GridError::Setup("intervals other than 5, 10, 15, 20, 30 or 60 minutes")),
    }?;
    let findings = findings(delivered, &flags, slots, scale, rules);
    Ok(Checked { values, flags, findings })
}

fn run<const SLOTS: usize>(
    rules: &RuleSet,
    interval_s: u32,
    kinds: Vec<u8>,
    values: &mut [i32],
    flags: &mut [u8],
) -> Result<usize, GridError> {
    Grid::<SLOTS>::new(rules.grid(interval_s), kinds)?.run(values, flags)?;
    Ok(SLOTS)
}

/// What the flags of a value say about its trust and method.
#[must_use]
pub const fn mark_of(flags: u8) -> Mark {
    if flags & flag::LINEAR != 0 {
        Mark::estimated(Method::Linear)
    } else if flags & flag::LIKE_DAY != 0 {
        Mark::estimated(Method::LikeDay)
    } else if flags & flag::NONE != 0 {
        Mark::MISSING
    } else if flags & flag::STUCK != 0 {
        Mark { validity: Validity::Questionable, method: Method::Measured }
    } else {
        Mark::VALID
    }
}

/// The findings behind the flags: one for each run of equal causes. `delivered` are the values
/// before the checks, `slots` the intervals of a day.
#[must_use]
pub fn findings(
    delivered: &[Option<i32>],
    flags: &[u8],
    slots: usize,
    scale: u8,
    rules: &RuleSet,
) -> Vec<Finding> {
    const CAUSES: [(u8, RuleId); 4] = [
        (flag::GAP, RuleId::Gap),
        (flag::NEGATIVE, RuleId::NegativeInterval),
        (flag::SPIKE, RuleId::Spike),
        (flag::STUCK, RuleId::Stuck),
    ];
    let mut all = Vec::new();
    for (bit, rule) in CAUSES {
        let mut i = 0;
        while let Some(offset) = flags.get(i..).and_then(|f| f.iter().position(|f| f & bit != 0)) {
            let start = i + offset;
            // Two stuck runs of different values may touch; other causes run on.
            let same =
                |at: usize| rule != RuleId::Stuck || delivered.get(at) == delivered.get(start);
            i = (start..flags.len())
                .find(|at| flags[*at] & bit == 0 || !same(*at))
                .unwrap_or(flags.len());
            let numbers = numbers(rule, delivered, start, i - start, (slots, scale), rules);
            all.push(Finding { first_interval: Some(start), ..Finding::new(rule, &numbers) });
        }
    }
    all.sort_by_key(|finding| (finding.first_interval, finding.rule));
    all
}

fn numbers(
    rule: RuleId,
    delivered: &[Option<i32>],
    start: usize,
    count: usize,
    (slots, scale): (usize, u8),
    rules: &RuleSet,
) -> Vec<(&'static str, OperandValue)> {
    let decimal = |value: i32| OperandValue::Decimal(i64::from(value), scale);
    let at = |i: usize| decimal(delivered.get(i).copied().flatten().unwrap_or(0));
    let whole = |count: usize| OperandValue::Count(i64::try_from(count).unwrap_or(i64::MAX));
    match rule {
        RuleId::NegativeInterval => vec![("count", whole(count)), ("value", at(start))],
        RuleId::Spike => {
            let day = start / slots.max(1) * slots;
            let mut values: Vec<i32> =
                delivered.iter().skip(day).take(slots).flatten().copied().collect();
            values.sort_unstable_by_key(|value| std::cmp::Reverse(*value));
            vec![
                ("largest", at(start)),
                ("third", decimal(values.get(2).copied().unwrap_or(0))),
                ("limit", OperandValue::Count(i64::from(rules.spike_tenths) * 10)),
            ]
        }
        RuleId::Stuck => {
            vec![("count", whole(count)), ("value", at(start)), ("limit", whole(rules.stuck_run))]
        }
        _ => vec![("count", whole(count))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vee::{DEFAULT_RULES, Language};

    #[test]
    fn findings_name_the_numbers() {
        let rules = RuleSet::parse(DEFAULT_RULES).unwrap();
        let mut delivered: Vec<Option<i32>> = (0..96).map(|i| Some(200 + i % 7)).collect();
        delivered[5..8].fill(None);
        delivered[20..33].fill(Some(125));
        delivered[40] = Some(-3);
        delivered[50] = Some(9_000);
        let checked = check(&delivered, 900, &[0], 3, &rules).unwrap();
        let words: Vec<String> = checked.findings.iter().map(|f| f.explain(Language::En)).collect();
        assert_eq!(
            words,
            [
                "3 values were not collected",
                "13 values in a row are 0.125 (limit 12)",
                "1 interval values below zero: -0.003",
                "the largest value 9 exceeds the third largest 0.206 by more than 180%",
            ]
        );
        assert_eq!(mark_of(checked.flags[6]), Mark::estimated(Method::Linear));
        assert_eq!(mark_of(checked.flags[0]), Mark::VALID);
        assert!(checked.values.iter().all(|v| (100..=206).contains(v)));
    }

    #[test]
    fn every_interval_length_works_and_others_are_refused() {
        let rules = RuleSet::parse(DEFAULT_RULES).unwrap();
        for interval_s in [300_u32, 600, 900, 1_200, 1_800, 3_600] {
            let slots = usize::try_from(86_400 / interval_s).unwrap();
            let mut delivered = vec![Some(5); slots * 2];
            delivered[slots] = None;
            let checked = check(&delivered, interval_s, &[0, 0], 3, &rules).unwrap();
            assert_eq!(checked.values[slots], 5, "{interval_s}");
        }
        assert!(check(&[Some(1)], 86_400, &[0], 3, &rules).is_err());
        assert!(check(&[Some(1)], 900, &[0], 3, &rules).is_err());
    }
}
