//! Which bills a person looks at before they go out (复核), as a pure function of the bill, its
//! past and thresholds that are data.

use kernel::{Energy, Money, Ratio};
use serde::{Deserialize, Serialize};

/// Thresholds of the review, from `rules/billing_review.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRules {
    /// Where the thresholds come from.
    pub source: String,
    /// More estimated days than this in one bill.
    pub estimated_days_max: u32,
    /// A daily average above this multiple of the usual one.
    pub high_multiple: Ratio,
    /// A daily average below this part of the usual one.
    pub low_multiple: Ratio,
    /// Below this usual daily use no comparison is made.
    pub compare_from_ukwh: i64,
    /// A total from this amount on, in 1e-4 of the currency.
    pub large_total_units: i64,
}

/// Why a bill waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum ReviewReason {
    /// Too much of it is estimated.
    Estimated {
        /// Estimated days.
        days: u32,
        /// How many are tolerated.
        tolerated: u32,
    },
    /// Findings of the period are not decided.
    OpenExceptions {
        /// How many.
        count: u32,
    },
    /// Much more than usual.
    High {
        /// Daily average of this bill.
        daily_ukwh: i64,
        /// Daily average of the bills before.
        usual_ukwh: i64,
    },
    /// Much less than usual.
    Low {
        /// Daily average of this bill.
        daily_ukwh: i64,
        /// Daily average of the bills before.
        usual_ukwh: i64,
    },
    /// Less than nothing is to be paid.
    Negative,
    /// A large amount.
    Large,
}

/// What the review looks at.
#[derive(Debug, Clone, Copy)]
pub struct Reviewed {
    /// Energy of the period.
    pub energy: Energy,
    /// Days of the period on which the agreement was in force.
    pub day_count: u32,
    /// How many of them were estimated.
    pub estimated_day_count: u32,
    /// Findings that nobody has decided yet.
    pub open_exception_count: u32,
    /// What is to be paid.
    pub total: Money,
    /// Energy and days of up to twelve bills before.
    pub past: (Energy, u32),
}

/// Every reason to look at this bill; none means that it may go out untouched.
#[must_use]
pub fn review(rules: &ReviewRules, bill: &Reviewed) -> Vec<ReviewReason> {
    let mut reasons = Vec::new();
    if bill.estimated_day_count > rules.estimated_days_max {
        reasons.push(ReviewReason::Estimated {
            days: bill.estimated_day_count,
            tolerated: rules.estimated_days_max,
        });
    }
    if bill.open_exception_count > 0 {
        reasons.push(ReviewReason::OpenExceptions { count: bill.open_exception_count });
    }
    reasons.extend(compare(rules, bill));
    if bill.total.units() < 0 {
        reasons.push(ReviewReason::Negative);
    }
    if bill.total.units() >= rules.large_total_units {
        reasons.push(ReviewReason::Large);
    }
    reasons
}

fn compare(rules: &ReviewRules, bill: &Reviewed) -> Option<ReviewReason> {
    let (past_energy, past_days) = bill.past;
    if past_days == 0 || bill.day_count == 0 {
        return None;
    }
    let daily_ukwh = bill.energy.ukwh() / i64::from(bill.day_count);
    let usual_ukwh = past_energy.ukwh() / i64::from(past_days);
    if usual_ukwh < rules.compare_from_ukwh {
        return None;
    }
    // daily > usual × multiple, without dividing: all terms fit 128 bits.
    let beyond = |multiple: Ratio| {
        (i128::from(daily_ukwh) * i128::from(multiple.denominator()))
            .cmp(&(i128::from(usual_ukwh) * i128::from(multiple.numerator())))
    };
    if beyond(rules.high_multiple).is_gt() {
        Some(ReviewReason::High { daily_ukwh, usual_ukwh })
    } else if beyond(rules.low_multiple).is_lt() {
        Some(ReviewReason::Low { daily_ukwh, usual_ukwh })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> ReviewRules {
        ReviewRules {
            source: "test".to_owned(),
            estimated_days_max: 3,
            high_multiple: Ratio::new(4, 1).unwrap(),
            low_multiple: Ratio::new(1, 10).unwrap(),
            compare_from_ukwh: 500_000,
            large_total_units: 1_000_000_000,
        }
    }

    fn ordinary() -> Reviewed {
        Reviewed {
            energy: Energy::from_ukwh(300_000_000),
            day_count: 30,
            estimated_day_count: 0,
            open_exception_count: 0,
            total: Money::cny(1_614_000),
            past: (Energy::from_ukwh(3_600_000_000), 365),
        }
    }

    #[test]
    fn an_ordinary_bill_goes_out_untouched() {
        assert_eq!(review(&rules(), &ordinary()), []);
    }

    /// Story T-07 and row S-058: a reading 300 % above the usual stops in the review queue.
    #[test]
    fn four_times_the_usual_is_looked_at() {
        let high = Reviewed { energy: Energy::from_ukwh(1_300_000_000), ..ordinary() };
        assert!(matches!(review(&rules(), &high)[..], [ReviewReason::High { .. }]));
        let low = Reviewed { energy: Energy::from_ukwh(20_000_000), ..ordinary() };
        assert!(matches!(review(&rules(), &low)[..], [ReviewReason::Low { .. }]));
    }

    #[test]
    fn no_past_and_small_use_are_not_compared() {
        let first = Reviewed {
            past: (Energy::ZERO, 0),
            energy: Energy::from_ukwh(9_000_000_000),
            ..ordinary()
        };
        assert_eq!(review(&rules(), &first), []);
        let small = Reviewed { past: (Energy::from_ukwh(9_000_000), 365), ..ordinary() };
        assert_eq!(review(&rules(), &small), []);
    }

    #[test]
    fn every_reason_is_told() {
        let bad = Reviewed {
            estimated_day_count: 4,
            open_exception_count: 2,
            total: Money::cny(-1),
            ..ordinary()
        };
        assert_eq!(review(&rules(), &bad).len(), 3);
    }
}
