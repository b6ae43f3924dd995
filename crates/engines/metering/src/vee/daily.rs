//! The checks on the use of one usage point since its last reading. Bits first, words later:
//! the nightly run asks for a million answers and needs sentences for a few.

use kernel::Energy;

use super::{Finding, OperandValue, RuleId, RuleSet};
use crate::consumption::SumCheck;

/// What is known about a usage point's use up to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayUse {
    /// The use since the last reading; `None` when nothing was read today.
    pub used: Option<Energy>,
    /// The days that this use covers: 1, or more after a gap.
    pub days: u32,
    /// The usual use over as many days of the same kinds; `None` without history.
    pub usual: Option<Energy>,
    /// Days without use in a row, today included.
    pub zero_days: u32,
    /// Whether the usage point is supplied.
    pub supplied: bool,
    /// Whether a register went back (not a rollover).
    pub reversed: bool,
    /// Whether a register rolled over.
    pub rolled_over: bool,
    /// What the capacity can deliver in these days, if it is known.
    pub possible: Option<Energy>,
    /// Windows against total, if both were read.
    pub time_of_use: Option<SumCheck>,
    /// Intervals against register, if both were read.
    pub intervals: Option<SumCheck>,
}

/// The rules that hit, one bit for each [`RuleId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleHits(u16);

impl RuleHits {
    /// The hits with these stored bits.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// The stored bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether no rule hit.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this rule hit.
    #[must_use]
    pub const fn has(self, rule: RuleId) -> bool {
        self.0 & (1 << rule as u16) != 0
    }

    /// The rules that hit.
    pub fn iter(self) -> impl Iterator<Item = RuleId> {
        RuleId::ALL.into_iter().filter(move |rule| self.has(*rule))
    }

    const fn set(&mut self, rule: RuleId, hit: bool) {
        if hit {
            self.0 |= 1 << rule as u16;
        }
    }
}

/// Checks the use of a usage point against its own history and the rule set.
#[must_use]
pub fn check_day(day: &DayUse, rules: &RuleSet) -> RuleHits {
    let mut hits = RuleHits::default();
    hits.set(RuleId::Negative, day.reversed);
    hits.set(RuleId::Rollover, day.rolled_over);
    hits.set(RuleId::SumTimeOfUse, day.time_of_use.is_some_and(|sums| !sums.passed()));
    hits.set(RuleId::SumIntervals, day.intervals.is_some_and(|sums| !sums.passed()));
    let Some(used) = day.used else {
        hits.set(RuleId::Gap, day.supplied && !day.reversed);
        return hits;
    };
    let days = i128::from(day.days.max(1));
    let above = |limit: Energy| i128::from(used.ukwh()) > i128::from(limit.ukwh()) * days;
    if !day.supplied {
        hits.set(RuleId::Inactive, above(rules.inactive));
        return hits;
    }
    hits.set(RuleId::Zero, day.zero_days >= rules.zero_days);
    hits.set(RuleId::Capacity, day.possible.is_some_and(|most| used > most));
    if let Some(usual) = day.usual {
        let (used_pct, usual) = (i128::from(used.ukwh()) * 100, i128::from(usual.ukwh()));
        let high = used_pct > usual * (100 + i128::from(rules.high_percent));
        hits.set(RuleId::High, high && above(rules.high_floor));
        let low = used_pct < usual * i128::from(rules.low_percent);
        hits.set(RuleId::Low, low && usual > i128::from(rules.low_floor.ukwh()) * days);
    }
    hits
}

/// The hits of [`check_day`] as findings with their numbers. `registers` gives the value before
/// and after, with its decimals, for the findings that show readings.
#[must_use]
pub fn findings_of_day(
    hits: RuleHits,
    day: &DayUse,
    rules: &RuleSet,
    registers: Option<(i64, i64, u8)>,
) -> Vec<Finding> {
    hits.iter().map(|rule| Finding::new(rule, &numbers(rule, day, rules, registers))).collect()
}

fn numbers(
    rule: RuleId,
    day: &DayUse,
    rules: &RuleSet,
    registers: Option<(i64, i64, u8)>,
) -> Vec<(&'static str, OperandValue)> {
    let energy = |energy: Option<Energy>| OperandValue::Energy(energy.unwrap_or_default());
    let count = |count: u32| OperandValue::Count(i64::from(count));
    match rule {
        RuleId::Gap => vec![("count", count(1))],
        RuleId::Negative | RuleId::Rollover => registers.map_or_else(Vec::new, |(a, b, scale)| {
            let decimal = |value| OperandValue::Decimal(value, scale);
            vec![("previous", decimal(a)), ("current", decimal(b))]
        }),
        RuleId::High | RuleId::Low => {
            let percent = percent_of(day.used, day.usual);
            let (percent, limit) = if rule == RuleId::High {
                (percent.saturating_sub(100), rules.high_percent)
            } else {
                (percent, rules.low_percent)
            };
            vec![
                ("days", count(day.days.max(1))),
                ("use", energy(day.used)),
                ("usual", energy(day.usual)),
                ("percent", OperandValue::Count(percent)),
                ("limit", count(limit)),
            ]
        }
        RuleId::Zero => vec![("days", count(day.zero_days)), ("limit", count(rules.zero_days))],
        RuleId::Inactive => {
            vec![("use", energy(day.used)), ("limit", energy(Some(rules.inactive)))]
        }
        RuleId::Capacity => vec![("use", energy(day.used)), ("limit", energy(day.possible))],
        RuleId::SumTimeOfUse => sums(day.time_of_use),
        RuleId::SumIntervals => sums(day.intervals),
        RuleId::Spike | RuleId::Stuck | RuleId::NegativeInterval => Vec::new(),
    }
}

fn sums(check: Option<SumCheck>) -> Vec<(&'static str, OperandValue)> {
    check.map_or_else(Vec::new, |check| {
        let energy = OperandValue::Energy;
        vec![
            ("found", energy(check.found)),
            ("expected", energy(check.expected)),
            ("apart", energy(check.apart())),
            ("limit", energy(check.tolerance)),
        ]
    })
}

/// `used` as a whole percentage of `usual`, cut; very large without usual use.
fn percent_of(used: Option<Energy>, usual: Option<Energy>) -> i64 {
    let part = |energy: Option<Energy>| i128::from(energy.unwrap_or_default().ukwh());
    let percent = (part(used) * 100).checked_div(part(usual)).unwrap_or(i128::from(i64::MAX));
    i64::try_from(percent).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vee::{DEFAULT_RULES, Language, Severity};

    fn kwh(text: &str) -> Option<Energy> {
        Some(Energy::parse(text).unwrap())
    }

    fn day(used: &str, usual: &str) -> DayUse {
        DayUse { used: kwh(used), usual: kwh(usual), days: 1, supplied: true, ..DayUse::default() }
    }

    fn hits(day: &DayUse) -> Vec<RuleId> {
        check_day(day, &RuleSet::parse(DEFAULT_RULES).unwrap()).iter().collect()
    }

    /// Story T-07: a reading 420 % above the usual is stopped, and says why.
    #[test]
    fn a_jump_of_420_percent_is_stopped() {
        let rules = RuleSet::parse(DEFAULT_RULES).unwrap();
        let jump = day("52", "10");
        let found = findings_of_day(check_day(&jump, &rules), &jump, &rules, None);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rule.severity(), Severity::Stop);
        assert_eq!(
            found[0].explain(Language::En),
            "use of 52 kWh in 1 day(s), usually 10 kWh: 420% more (limit 300%)"
        );
        assert_eq!(
            found[0].explain(Language::Zh),
            "1 天用电 52 千瓦时，平常为 10 千瓦时，增加 420%（限 300%）"
        );
    }

    #[test]
    fn the_limit_itself_passes() {
        assert!(hits(&day("40", "10")).is_empty());
        assert_eq!(hits(&day("40.000001", "10")), [RuleId::High]);
        assert!(hits(&day("4.9", "0.1")).is_empty(), "below the floor");
        assert_eq!(hits(&day("0.9", "10")), [RuleId::Low]);
        assert!(hits(&day("1", "10")).is_empty());
    }

    #[test]
    fn a_use_over_several_days_is_no_jump() {
        let after_gap = DayUse { days: 5, usual: kwh("50"), ..day("60", "50") };
        assert!(hits(&after_gap).is_empty());
    }

    #[test]
    fn gaps_reversals_zeros_and_use_without_supply() {
        let supplied = DayUse { supplied: true, ..DayUse::default() };
        assert_eq!(hits(&supplied), [RuleId::Gap]);
        assert_eq!(hits(&DayUse { reversed: true, ..supplied }), [RuleId::Negative]);
        assert!(hits(&DayUse::default()).is_empty(), "nobody expects a reading there");
        let zero = DayUse { zero_days: 7, ..day("0", "0") };
        assert_eq!(hits(&zero), [RuleId::Zero]);
        let empty_flat = DayUse { supplied: false, ..day("0.6", "0") };
        assert_eq!(hits(&empty_flat), [RuleId::Inactive]);
        let possible = DayUse { possible: kwh("96"), ..day("97", "90") };
        assert_eq!(hits(&possible), [RuleId::Capacity]);
    }

    #[test]
    fn sums_that_are_apart_show_by_how_much() {
        let sums = SumCheck {
            expected: Energy::parse("10").unwrap(),
            found: Energy::parse("8.5").unwrap(),
            tolerance: Energy::parse("0.1").unwrap(),
        };
        let day = DayUse { time_of_use: Some(sums), ..day("10", "10") };
        let rules = RuleSet::parse(DEFAULT_RULES).unwrap();
        let found = findings_of_day(check_day(&day, &rules), &day, &rules, None);
        assert_eq!(
            found[0].explain(Language::En),
            "the windows add up to 8.5, the total says 10: 1.5 kWh apart (limit 0.1)"
        );
    }

    #[test]
    fn hits_survive_storage() {
        let hits = RuleHits::from_bits(0b10_0001);
        assert_eq!(hits.iter().collect::<Vec<_>>(), [RuleId::Gap, RuleId::Low]);
        assert_eq!(RuleHits::from_bits(hits.bits()), hits);
    }
}
