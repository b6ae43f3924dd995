//! Money as integers: [`Money`] in 1e-4 of a currency's main unit, [`Rate`] in 1e-8 per kWh (or
//! per kW, kVA, month: the tariff says which), and [`ExactMoney`], the unrounded product of the
//! two, from which a bill line is rounded once.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    QuantityError, Ratio, Rounding, div_round, energy::Energy, format_decimal, parse_decimal,
};

/// The currencies a tariff may be written in (ISO 4217).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Yuan renminbi.
    #[default]
    Cny,
    /// United States dollar.
    Usd,
    /// Australian dollar.
    Aud,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
    /// New Taiwan dollar.
    Twd,
}

impl Currency {
    /// The ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Usd => "USD",
            Self::Aud => "AUD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Twd => "TWD",
        }
    }

    /// The currency with this ISO 4217 code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Cny, Self::Usd, Self::Aud, Self::Eur, Self::Gbp, Self::Twd]
            .into_iter()
            .find(|c| c.code() == code)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in 1e-4 of the currency's main unit (one yuan = 10 000, one fen = 100).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    units: i64,
    currency: Currency,
}

impl Money {
    /// An amount of `units` × 1e-4.
    #[must_use]
    pub const fn new(units: i64, currency: Currency) -> Self {
        Self { units, currency }
    }

    /// An amount of `units` × 1e-4 yuan.
    #[must_use]
    pub const fn cny(units: i64) -> Self {
        Self::new(units, Currency::Cny)
    }

    /// Nothing, in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads a decimal such as `128053.04`.
    ///
    /// # Errors
    /// When the text is no decimal, keeps more than four decimals, or does not fit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, QuantityError> {
        Ok(Self::new(parse_decimal(text, 4, "amount of money")?, currency))
    }

    /// The amount in 1e-4 units.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.units
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum.
    ///
    /// # Errors
    /// [`QuantityError::CurrencyMismatch`], [`QuantityError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, QuantityError> {
        self.same_currency(other)?;
        let units = self.units.checked_add(other.units).ok_or(QuantityError::Overflow("sum"))?;
        Ok(Self::new(units, self.currency))
    }

    /// The difference.
    ///
    /// # Errors
    /// [`QuantityError::CurrencyMismatch`], [`QuantityError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, QuantityError> {
        self.same_currency(other)?;
        let units =
            self.units.checked_sub(other.units).ok_or(QuantityError::Overflow("difference"))?;
        Ok(Self::new(units, self.currency))
    }

    /// The opposite amount.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`] for the one amount that has no opposite.
    pub fn checked_neg(self) -> Result<Self, QuantityError> {
        let units = self.units.checked_neg().ok_or(QuantityError::Overflow("negation"))?;
        Ok(Self::new(units, self.currency))
    }

    /// The sum of many amounts in `currency`.
    ///
    /// # Errors
    /// As [`Money::checked_add`].
    pub fn sum(
        currency: Currency,
        amounts: impl IntoIterator<Item = Self>,
    ) -> Result<Self, QuantityError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// This amount as an exact value, for further arithmetic before the next rounding.
    #[must_use]
    pub fn exact(self) -> ExactMoney {
        ExactMoney { e14: i128::from(self.units) * ExactMoney::PER_UNIT, currency: self.currency }
    }

    fn same_currency(self, other: Self) -> Result<(), QuantityError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(QuantityError::CurrencyMismatch(self.currency, other.currency))
        }
    }
}

impl fmt::Display for Money {
    /// At least two decimals and no currency sign: `12.30`, `0.0005`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format_decimal(i128::from(self.units), 4, 2))
    }
}

/// A price in 1e-8 of the currency's main unit per unit of quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rate(i64);

impl Rate {
    /// No charge.
    pub const ZERO: Self = Self(0);

    /// A price of `e8` × 1e-8 per unit.
    #[must_use]
    pub const fn from_e8(e8: i64) -> Self {
        Self(e8)
    }

    /// Reads a decimal such as `0.58886875`.
    ///
    /// # Errors
    /// When the text is no decimal, keeps more than eight decimals, or does not fit.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        parse_decimal(text, 8, "price").map(Self)
    }

    /// The price in 1e-8 units.
    #[must_use]
    pub const fn e8(self) -> i64 {
        self.0
    }

    /// The sum of two prices.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, QuantityError> {
        self.0.checked_add(other.0).map(Self).ok_or(QuantityError::Overflow("price"))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format_decimal(i128::from(self.0), 8, 2))
    }
}

/// An exact, unrounded amount in 1e-14 of the main unit: the product of a quantity in 1e-6 and a
/// rate in 1e-8 fits it without loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExactMoney {
    e14: i128,
    currency: Currency,
}

impl ExactMoney {
    /// How many 1e-14 parts one stored unit (1e-4) has.
    pub const PER_UNIT: i128 = 10_i128.pow(10);

    /// An amount of `e14` × 1e-14.
    #[must_use]
    pub const fn from_e14(e14: i128, currency: Currency) -> Self {
        Self { e14, currency }
    }

    /// Nothing, in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::from_e14(0, currency)
    }

    /// `quantity` in millionths of its unit (µkWh, µkW, µkVA) times a rate per unit. Always exact.
    #[must_use]
    pub fn product(quantity_e6: i64, rate: Rate, currency: Currency) -> Self {
        Self::from_e14(i128::from(quantity_e6) * i128::from(rate.0), currency)
    }

    /// Energy times a price per kWh.
    #[must_use]
    pub fn of_energy(energy: Energy, rate: Rate, currency: Currency) -> Self {
        Self::product(energy.ukwh(), rate, currency)
    }

    /// The amount in 1e-14 units.
    #[must_use]
    pub const fn e14(self) -> i128 {
        self.e14
    }

    /// The sum.
    ///
    /// # Errors
    /// [`QuantityError::CurrencyMismatch`], [`QuantityError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, QuantityError> {
        if self.currency != other.currency {
            return Err(QuantityError::CurrencyMismatch(self.currency, other.currency));
        }
        let e14 = self.e14.checked_add(other.e14).ok_or(QuantityError::Overflow("sum"))?;
        Ok(Self::from_e14(e14, self.currency))
    }

    /// This amount times a ratio, cut back to 1e-14 by rounding half up (far below any step that
    /// a tariff rounds to).
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn times(self, ratio: Ratio) -> Result<Self, QuantityError> {
        let e14 = self
            .e14
            .checked_mul(i128::from(ratio.numerator()))
            .and_then(|n| {
                div_round(n, i128::from(ratio.denominator()), crate::RoundingMode::HalfUp)
            })
            .ok_or(QuantityError::Overflow("product with a ratio"))?;
        Ok(Self::from_e14(e14, self.currency))
    }

    /// Rounds once, by a named rule.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`] when the amount does not fit [`Money`].
    pub fn round(self, rule: Rounding) -> Result<Money, QuantityError> {
        let step = i128::from(rule.step) * Self::PER_UNIT;
        let steps = div_round(self.e14, step, rule.mode)
            .ok_or(QuantityError::DivisionByZero("rounding step"))?;
        let units = steps
            .checked_mul(i128::from(rule.step))
            .and_then(|v| i64::try_from(v).ok())
            .ok_or(QuantityError::Overflow("rounded amount"))?;
        Ok(Money::new(units, self.currency))
    }
}

impl fmt::Display for ExactMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format_decimal(self.e14, 14, 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RoundingMode;

    #[test]
    fn currencies_do_not_mix() {
        let yuan = Money::cny(10_000);
        let dollar = Money::new(10_000, Currency::Usd);
        assert_eq!(
            yuan.checked_add(dollar),
            Err(QuantityError::CurrencyMismatch(Currency::Cny, Currency::Usd))
        );
        assert!(yuan.exact().checked_add(dollar.exact()).is_err());
    }

    #[test]
    fn overflow_is_an_error() {
        assert!(Money::cny(i64::MAX).checked_add(Money::cny(1)).is_err());
        assert!(Money::cny(i64::MIN).checked_neg().is_err());
        assert!(ExactMoney::from_e14(i128::MAX, Currency::Cny).round(Rounding::FEN).is_err());
    }

    /// Zhejiang residential, 2 761 kWh in the year (domain 2.5): 1 485.468 yuan before rounding.
    #[test]
    fn products_are_exact_and_rounded_once() {
        let first = ExactMoney::of_energy(
            Energy::from_ukwh(2_760_000_000),
            Rate::parse("0.538").unwrap(),
            Currency::Cny,
        );
        let second = ExactMoney::of_energy(
            Energy::from_ukwh(1_000_000),
            Rate::parse("0.588").unwrap(),
            Currency::Cny,
        );
        let exact = first.checked_add(second).unwrap();
        assert_eq!(exact.to_string(), "1485.468");
        assert_eq!(exact.round(Rounding::FEN).unwrap().to_string(), "1485.47");
        let down = Rounding { mode: RoundingMode::Down, step: 100 };
        assert_eq!(exact.round(down).unwrap().to_string(), "1485.46");
    }

    #[test]
    fn eight_decimal_rates_survive() {
        let rate = Rate::parse("0.58886875").unwrap();
        assert_eq!(rate.e8(), 58_886_875);
        assert_eq!(rate.to_string(), "0.58886875");
        assert!(Rate::parse("0.588868751").is_err());
    }
}
