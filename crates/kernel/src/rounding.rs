//! Named rounding rules. Every amount is rounded by a rule that a tariff or a law names, exactly
//! once, from an exact value; the rule is printed beside the line it made.

use serde::{Deserialize, Serialize};

use crate::{Money, QuantityError};

/// In which direction a value between two steps goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// To the nearer step, a tie away from zero (四舍五入).
    HalfUp,
    /// To the nearer step, a tie to the even one (四舍六入五成双).
    HalfEven,
    /// Toward zero: what is beyond the step is dropped (舍去).
    Down,
    /// Away from zero (进位).
    Up,
}

/// A mode and the step that is kept, in 1e-4 units of the currency (100 = one fen or cent).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rounding {
    /// The direction.
    pub mode: RoundingMode,
    /// The step in 1e-4 currency units; always positive.
    pub step: i64,
}

impl Rounding {
    /// To the fen or cent, ties away from zero: the usual rule of Chinese bills.
    pub const FEN: Self = Self { mode: RoundingMode::HalfUp, step: 100 };
    /// To the 1e-4 unit that [`Money`] stores, ties away from zero.
    pub const STORED: Self = Self { mode: RoundingMode::HalfUp, step: 1 };

    /// Rounds an amount of money to this rule's step.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`] when the rounded amount does not fit.
    pub fn money(self, amount: Money) -> Result<Money, QuantityError> {
        let steps = div_round(i128::from(amount.units()), i128::from(self.step), self.mode)
            .ok_or(QuantityError::DivisionByZero("rounding step"))?;
        let units = steps
            .checked_mul(i128::from(self.step))
            .and_then(|v| i64::try_from(v).ok())
            .ok_or(QuantityError::Overflow("rounded amount"))?;
        Ok(Money::new(units, amount.currency()))
    }
}

/// `numerator / denominator` rounded to an integer; `None` when the denominator is zero or the
/// quotient does not fit.
#[must_use]
pub fn div_round(numerator: i128, denominator: i128, mode: RoundingMode) -> Option<i128> {
    let quotient = numerator.checked_div(denominator)?;
    let remainder = numerator.checked_rem(denominator)?;
    if remainder == 0 {
        return Some(quotient);
    }
    let away = if (remainder < 0) == (denominator < 0) { 1 } else { -1 };
    // |remainder| against |denominator| - |remainder| instead of doubling, which could overflow.
    let rest = denominator.unsigned_abs() - remainder.unsigned_abs();
    let step = match (mode, remainder.unsigned_abs().cmp(&rest)) {
        (RoundingMode::Up, _)
        | (RoundingMode::HalfUp | RoundingMode::HalfEven, std::cmp::Ordering::Greater) => away,
        (RoundingMode::HalfUp, std::cmp::Ordering::Equal) => away,
        (RoundingMode::HalfEven, std::cmp::Ordering::Equal) if quotient % 2 != 0 => away,
        _ => 0,
    };
    quotient.checked_add(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ties_go_where_the_rule_says() {
        let all = |n, d| {
            [RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Down, RoundingMode::Up]
                .map(|mode| div_round(n, d, mode).unwrap())
        };
        assert_eq!(all(5, 2), [3, 2, 2, 3]);
        assert_eq!(all(-5, 2), [-3, -2, -2, -3]);
        assert_eq!(all(7, 2), [4, 4, 3, 4]);
        assert_eq!(all(4, 3), [1, 1, 1, 2]);
        assert_eq!(all(5, 3), [2, 2, 1, 2]);
        assert_eq!(all(-4, -3), [1, 1, 1, 2]);
        assert_eq!(div_round(1, 0, RoundingMode::Up), None);
        assert_eq!(div_round(i128::MIN, -1, RoundingMode::Up), None);
    }

    proptest! {
        #[test]
        fn never_further_than_one_step(n in any::<i64>(), d in 1_i64.., half in any::<bool>()) {
            let mode = if half { RoundingMode::HalfUp } else { RoundingMode::Up };
            let (n, d) = (i128::from(n), i128::from(d));
            let back = div_round(n, d, mode).unwrap() * d;
            let gap = (back - n).abs();
            let within = if half { gap * 2 <= d } else { gap < d && back.abs() >= n.abs() };
            prop_assert!(within);
        }
    }
}
