//! Prices and amounts of US-style rates: wider than the kernel's, because US files carry prices
//! with more than eight decimals. An amount is exact until it is rounded once for a bill line.

use kernel::{Currency, ExactMoney, Rate, RoundingMode, div_round, format_decimal};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Decimal, ProfileError};

/// A price in 1e-18 of the currency's main unit per kWh, per kW or per month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Price(i128);

impl Price {
    /// No charge.
    pub const ZERO: Self = Self(0);

    /// Takes a decimal price; digits beyond the eighteenth decimal are rounded half to even (a
    /// terawatt-hour would have to be billed before one showed in the sixth decimal of a dollar).
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`] from a billion per unit on.
    pub fn from_decimal(value: Decimal) -> Result<Self, ProfileError> {
        value
            .scaled(18)
            .filter(|v| v.unsigned_abs() < 10_u128.pow(27))
            .map(Self)
            .ok_or(ProfileError::TooLarge { what: "price" })
    }

    /// A price that has no more decimals than the kernel's.
    #[must_use]
    pub const fn from_rate(rate: Rate) -> Self {
        Self(rate.e8() as i128 * 10_000_000_000)
    }

    /// The kernel's price, rounded half to even at its eighth decimal: for showing and for bills
    /// from registers.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn rate(self) -> Result<Rate, ProfileError> {
        div_round(self.0, 10_000_000_000, RoundingMode::HalfEven)
            .and_then(|e8| i64::try_from(e8).ok())
            .map(Rate::from_e8)
            .ok_or(ProfileError::TooLarge { what: "price" })
    }

    /// The price in 1e-18 units.
    #[must_use]
    pub const fn e18(self) -> i128 {
        self.0
    }

    /// The sum of two prices.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn plus(self, other: Self) -> Result<Self, ProfileError> {
        self.0.checked_add(other.0).map(Self).ok_or(ProfileError::TooLarge { what: "price" })
    }

    /// This price times a ratio, rounded half to even at the eighteenth decimal.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn times(self, numerator: i64, denominator: i64) -> Result<Self, ProfileError> {
        self.0
            .checked_mul(i128::from(numerator))
            .and_then(|n| div_round(n, i128::from(denominator), RoundingMode::HalfEven))
            .map(Self)
            .ok_or(ProfileError::TooLarge { what: "price" })
    }

    /// The price of one unit as an amount.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn once(self) -> Result<ExactAmount, ProfileError> {
        self.of(1_000_000, 1)
    }

    /// `quantity_e6` millionths of a unit, divided by `parts`, at this price. Exact when `parts`
    /// divides the product, else rounded half to even at 1e-24.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn of(self, quantity_e6: i64, parts: i64) -> Result<ExactAmount, ProfileError> {
        let product = self.0.checked_mul(i128::from(quantity_e6));
        let quotient = match product {
            Some(v) if parts != 1 => div_round(v, i128::from(parts), RoundingMode::HalfEven),
            whole => whole, // hourly values: 128-bit division is what costs time here
        };
        quotient.map(ExactAmount).ok_or(ProfileError::TooLarge { what: "charge" })
    }
}

impl std::fmt::Display for Price {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format_decimal(self.0, 18, 2))
    }
}

impl Serialize for Price {
    /// As decimal text, so that nothing passes through floating point.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let value = Decimal::parse(&text)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is no price: write it as 0.1234")))?;
        Self::from_decimal(value).map_err(D::Error::custom)
    }
}

/// An exact amount in 1e-24 of the currency's main unit: the product of a quantity in 1e-6 and a
/// [`Price`] fits it without loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ExactAmount(i128);

impl ExactAmount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The amount in 1e-24 units.
    #[must_use]
    pub const fn e24(self) -> i128 {
        self.0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn plus(self, other: Self) -> Result<Self, ProfileError> {
        self.0.checked_add(other.0).map(Self).ok_or(ProfileError::TooLarge { what: "sum" })
    }

    /// The difference.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn minus(self, other: Self) -> Result<Self, ProfileError> {
        self.0.checked_sub(other.0).map(Self).ok_or(ProfileError::TooLarge { what: "difference" })
    }

    /// The sum of many amounts.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, ProfileError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Whether this is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// This amount, or nothing when it is negative.
    #[must_use]
    pub fn or_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// This amount times an escalation factor.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn times(self, factor: Factor) -> Result<Self, ProfileError> {
        if factor == Factor::ONE {
            return Ok(self);
        }
        factor.apply(self.0).map(Self).ok_or(ProfileError::TooLarge { what: "escalated charge" })
    }

    /// The kernel's exact money, rounded half up at its 1e-14 (far below what a bill shows).
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn exact_money(self, currency: Currency) -> Result<ExactMoney, ProfileError> {
        div_round(self.0, 10_i128.pow(10), RoundingMode::HalfUp)
            .map(|e14| ExactMoney::from_e14(e14, currency))
            .ok_or(ProfileError::TooLarge { what: "amount" })
    }

    /// The amount in millionths of the main unit, rounded half away from zero.
    #[must_use]
    pub fn millionths(self) -> i128 {
        // A constant positive divisor: the division cannot fail.
        div_round(self.0, 10_i128.pow(18), RoundingMode::HalfUp).unwrap_or_default()
    }
}

impl std::fmt::Display for ExactAmount {
    /// Six decimals, rounded half away from zero: `1234.567890`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format_decimal(self.millionths(), 6, 6))
    }
}

/// A growth factor in 1e-15: the escalation of prices or loads, or the ageing of a generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor(i128);

impl Factor {
    const UNIT: i128 = 10_i128.pow(15);
    /// No change.
    pub const ONE: Self = Self(Self::UNIT);

    /// One plus some percentages, for example 1 + 2.5 % + 0.5 % = 1.03.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`] beyond a factor of a thousand.
    pub fn one_plus_percent(percents: &[Decimal]) -> Result<Self, ProfileError> {
        let mut total = Self::UNIT;
        for percent in percents {
            // A percentage in 1e-13 is a share in 1e-15.
            let share = percent.scaled(13).filter(|v| v.unsigned_abs() < 10_u128.pow(18));
            total += share.ok_or(ProfileError::TooLarge { what: "percentage" })?;
        }
        Ok(Self(total))
    }

    /// This factor for the given number of years, rounded at 1e-15 each year.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn power(self, years: usize) -> Result<Self, ProfileError> {
        (0..years)
            .try_fold(Self::ONE, |f, _| f.apply(self.0).map(Self))
            .ok_or(ProfileError::TooLarge { what: "growth factor" })
    }

    /// `value` times this factor, rounded half away from zero.
    #[must_use]
    pub fn apply(self, value: i128) -> Option<i128> {
        // Split so that the product of a large amount and the factor does not overflow on the way.
        let whole = (value / Self::UNIT).checked_mul(self.0)?;
        let part =
            div_round((value % Self::UNIT).checked_mul(self.0)?, Self::UNIT, RoundingMode::HalfUp)?;
        whole.checked_add(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_exact_until_it_is_shown() {
        let price = Price::from_decimal(Decimal::parse("0.123456789012345678").unwrap()).unwrap();
        let amount = price.of(3_000_001, 1).unwrap();
        assert_eq!(amount.e24(), 123_456_789_012_345_678 * 3_000_001);
        assert_eq!(amount.to_string(), "0.370370");
        assert_eq!(ExactAmount(-1_500_000_000_000_000_000).to_string(), "-0.000002");
        assert!(Price::from_decimal(Decimal::parse("1e38").unwrap()).is_err());
    }

    #[test]
    fn growth_compounds() {
        let factor = Factor::one_plus_percent(&[Decimal::parse("2.5").unwrap()]).unwrap();
        assert_eq!(factor.power(2).unwrap(), Factor(1_050_625_000_000_000));
        assert_eq!(factor.power(0).unwrap(), Factor::ONE);
        assert_eq!(factor.apply(1_000), Some(1_025));
    }
}
