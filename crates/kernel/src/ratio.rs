//! Exact ratios: percentages, multipliers (CT × PT), pro-rata shares. Kept in lowest terms with a
//! positive denominator, so equal ratios are equal values.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{QuantityError, parse_decimal};

/// `numerator / denominator` in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(i64, i64)", into = "(i64, i64)")]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

impl Ratio {
    /// One.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };
    /// Zero.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// The ratio in lowest terms.
    ///
    /// # Errors
    /// [`QuantityError::DivisionByZero`]; [`QuantityError::Overflow`] for a term at the edge of
    /// the type.
    pub fn new(numerator: i64, denominator: i64) -> Result<Self, QuantityError> {
        if denominator == 0 {
            return Err(QuantityError::DivisionByZero("ratio"));
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let term = |v: i64| i128::from(v) / i128::from(divisor) * i128::from(denominator.signum());
        match (i64::try_from(term(numerator)), i64::try_from(term(denominator))) {
            (Ok(numerator), Ok(denominator)) => Ok(Self { numerator, denominator }),
            _ => Err(QuantityError::Overflow("ratio")),
        }
    }

    /// Reads a decimal such as `1.495` or a percentage such as `-0.75%`.
    ///
    /// # Errors
    /// When the text is no decimal of at most twelve decimals, or does not fit.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let (digits, percent) = match text.trim().strip_suffix('%') {
            Some(rest) => (rest, 100),
            None => (text, 1),
        };
        let decimals = digits.trim().split_once('.').map_or(0, |(_, f)| f.len());
        let scale = u32::try_from(decimals).ok().filter(|s| *s <= 12);
        let scale = scale.ok_or(QuantityError::TooManyDecimals("ratio", 12))?;
        let denominator = 10_i64.pow(scale).checked_mul(percent);
        Self::new(
            parse_decimal(digits, scale, "ratio")?,
            denominator.ok_or(QuantityError::Overflow("ratio"))?,
        )
    }

    /// The upper term.
    #[must_use]
    pub const fn numerator(self) -> i64 {
        self.numerator
    }

    /// The lower term, always positive.
    #[must_use]
    pub const fn denominator(self) -> i64 {
        self.denominator
    }

    /// The product of two ratios.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn checked_mul(self, other: Self) -> Result<Self, QuantityError> {
        // Crosswise reduction first keeps the terms small.
        let a = Self::new(self.numerator, other.denominator)?;
        let b = Self::new(other.numerator, self.denominator)?;
        match (a.numerator.checked_mul(b.numerator), a.denominator.checked_mul(b.denominator)) {
            (Some(n), Some(d)) => Self::new(n, d),
            _ => Err(QuantityError::Overflow("ratio")),
        }
    }
}

impl TryFrom<(i64, i64)> for Ratio {
    type Error = QuantityError;

    fn try_from((numerator, denominator): (i64, i64)) -> Result<Self, QuantityError> {
        Self::new(numerator, denominator)
    }
}

impl From<Ratio> for (i64, i64) {
    fn from(ratio: Ratio) -> Self {
        (ratio.numerator, ratio.denominator)
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        left.cmp(&(i128::from(other.numerator) * i128::from(self.denominator)))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { 1 } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lowest_terms_make_equal_ratios_equal() {
        assert_eq!(Ratio::new(-2, -4), Ratio::new(1, 2));
        assert_eq!(Ratio::new(2, -4).unwrap().to_string(), "-1/2");
        assert_eq!(Ratio::parse("-0.75%"), Ratio::new(-3, 400));
        assert_eq!(Ratio::parse("1.495"), Ratio::new(299, 200));
        assert_eq!(Ratio::new(0, 7), Ok(Ratio::ZERO));
        assert!(Ratio::new(1, 0).is_err());
        assert!(Ratio::new(i64::MIN, -1).is_err());
        assert!(Ratio::parse("1.0000000000001").is_err());
    }

    #[test]
    fn order_and_product() {
        let third = Ratio::new(1, 3).unwrap();
        assert!(third < Ratio::new(1, 2).unwrap());
        assert_eq!(third.checked_mul(Ratio::new(3, 1).unwrap()), Ok(Ratio::ONE));
        assert!(Ratio::new(i64::MAX, 1).unwrap().checked_mul(Ratio::new(2, 1).unwrap()).is_err());
    }
}
