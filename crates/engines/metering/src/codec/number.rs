//! Decimal numbers and units as they stand in files, exact: digits are never rounded silently.

use kernel::{RoundingMode, div_round};
use serde::Deserialize;

use crate::reading::MAX_SCALE;

/// A unit of measure in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Unit {
    /// Watt-hours.
    Wh,
    /// Kilowatt-hours.
    KWh,
    /// Megawatt-hours.
    MWh,
    /// Reactive volt-ampere-hours.
    Varh,
    /// Kilovar-hours.
    Kvarh,
    /// Megavar-hours.
    Mvarh,
    /// Watts.
    W,
    /// Kilowatts.
    KW,
    /// Megawatts.
    MW,
    /// Apparent energy in volt-ampere-hours.
    Vah,
    /// Apparent energy in kilovolt-ampere-hours.
    KVAh,
    /// Apparent energy in megavolt-ampere-hours.
    MVAh,
}

impl Unit {
    /// The unit with this name, however its letters are cased.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "wh" => Self::Wh,
            "kwh" => Self::KWh,
            "mwh" => Self::MWh,
            "varh" => Self::Varh,
            "kvarh" => Self::Kvarh,
            "mvarh" => Self::Mvarh,
            "w" => Self::W,
            "kw" => Self::KW,
            "mw" => Self::MW,
            "vah" => Self::Vah,
            "kvah" => Self::KVAh,
            "mvah" => Self::MVAh,
            _ => return None,
        })
    }

    /// What is measured, in the kilo unit in which values are kept.
    #[must_use]
    pub const fn kept_in(self) -> &'static str {
        match self {
            Self::Wh | Self::KWh | Self::MWh => "kWh",
            Self::Varh | Self::Kvarh | Self::Mvarh => "kvarh",
            Self::W | Self::KW | Self::MW => "kW",
            Self::Vah | Self::KVAh | Self::MVAh => "kVAh",
        }
    }

    /// The power of ten from this unit to its kilo unit.
    const fn shift(self) -> i32 {
        match self {
            Self::Wh | Self::Varh | Self::W | Self::Vah => -3,
            Self::KWh | Self::Kvarh | Self::KW | Self::KVAh => 0,
            Self::MWh | Self::Mvarh | Self::MW | Self::MVAh => 3,
        }
    }
}

impl TryFrom<String> for Unit {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::from_name(&name)
            .ok_or_else(|| format!("\"{name}\" is no unit; use kWh, Wh, kvarh, kW …"))
    }
}

/// Why a cell is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not digits with an optional sign, point and exponent.
    #[error("is not a number: write digits with a decimal point, for example 12.34")]
    NotANumber,
    /// Too large, or with too many digits, to be a reading.
    #[error("is outside the range of readings (nine quintillionths to nine quintillion)")]
    OutOfRange,
    /// More decimals than are kept.
    #[error("has more than {0} decimals: say in the import profile how many to round to")]
    TooManyDecimals(u8),
}

impl NumberError {
    /// A stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotANumber => "number.not_a_number",
            Self::OutOfRange => "number.out_of_range",
            Self::TooManyDecimals(_) => "number.too_many_decimals",
        }
    }
}

/// A decimal number: `mantissa × 10^-decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Number {
    mantissa: i128,
    decimals: i32,
}

impl Number {
    /// Reads digits with an optional sign, decimal point (or the given separator) and exponent.
    ///
    /// # Errors
    /// [`NumberError::NotANumber`], [`NumberError::OutOfRange`].
    pub fn parse(text: &str, separator: u8) -> Result<Self, NumberError> {
        let bytes = text.trim().as_bytes();
        let (negative, digits) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let end = digits.iter().position(|b| matches!(b, b'e' | b'E')).unwrap_or(digits.len());
        let (body, exponent) = digits.split_at(end);
        let (mut mantissa, mut decimals, mut seen, mut point) = (0_i128, 0_i32, false, false);
        for byte in body {
            match byte {
                b'0'..=b'9' => {
                    seen = true;
                    let next = mantissa.checked_mul(10);
                    let next = next.and_then(|m| m.checked_add(i128::from(byte - b'0')));
                    mantissa = next.ok_or(NumberError::OutOfRange)?;
                    decimals += i32::from(point);
                }
                b if *b == separator && !point => point = true,
                _ => return Err(NumberError::NotANumber),
            }
        }
        if !seen {
            return Err(NumberError::NotANumber);
        }
        if let [_, exponent @ ..] = exponent {
            let text = std::str::from_utf8(exponent).map_err(|_| NumberError::NotANumber)?;
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(NumberError::NotANumber);
            }
            let exponent: i32 = text.parse().map_err(|_| NumberError::OutOfRange)?;
            decimals = decimals.checked_sub(exponent).ok_or(NumberError::OutOfRange)?;
        }
        Ok(Self { mantissa: if negative { -mantissa } else { mantissa }, decimals })
    }

    /// The sum, exact.
    ///
    /// # Errors
    /// [`NumberError::OutOfRange`].
    pub fn checked_add(self, other: Self) -> Result<Self, NumberError> {
        let decimals = self.decimals.max(other.decimals);
        let (a, b) = (self.rounded(decimals)?, other.rounded(decimals)?);
        let mantissa = a.mantissa.checked_add(b.mantissa).ok_or(NumberError::OutOfRange)?;
        Ok(Self { mantissa, decimals })
    }

    /// The nearest binary fraction: for exchange formats that write numbers as such, never for
    /// computing.
    #[must_use]
    pub fn nearest_f64(self) -> f64 {
        format!("{}e{}", self.mantissa, -i64::from(self.decimals)).parse().unwrap_or(f64::NAN)
    }

    /// The value in the kilo unit of `unit`, as an integer and its number of decimals: as few as
    /// hold it exactly, at most nine; or `round_to` decimals of the file's own unit, half up.
    ///
    /// # Errors
    /// [`NumberError::OutOfRange`], [`NumberError::TooManyDecimals`].
    pub fn kept(self, unit: Unit, round_to: Option<u8>) -> Result<(i64, u8), NumberError> {
        let mut number = self;
        if let Some(keep) = round_to {
            number = number.rounded(i32::from(keep))?;
        }
        number.decimals =
            number.decimals.checked_sub(unit.shift()).ok_or(NumberError::OutOfRange)?;
        while number.decimals > 0 && number.mantissa % 10 == 0 && number.mantissa != 0 {
            number.mantissa /= 10;
            number.decimals -= 1;
        }
        if number.mantissa == 0 {
            return Ok((0, 0));
        }
        if number.decimals < 0 {
            number = number.rounded(0)?;
        }
        let scale = u8::try_from(number.decimals).ok().filter(|scale| *scale <= MAX_SCALE);
        let scale = scale.ok_or(NumberError::TooManyDecimals(MAX_SCALE))?;
        let value = i64::try_from(number.mantissa).map_err(|_| NumberError::OutOfRange)?;
        Ok((value, scale))
    }

    /// The value in the kilo unit of `unit` with exactly `scale` decimals.
    ///
    /// # Errors
    /// [`NumberError::TooManyDecimals`] when a digit would be lost, [`NumberError::OutOfRange`].
    pub fn at_scale(self, unit: Unit, scale: u8) -> Result<i64, NumberError> {
        let (value, own) = self.kept(unit, None)?;
        crate::reading::rescale(value, own, scale).map_err(|_| {
            if own > scale { NumberError::TooManyDecimals(scale) } else { NumberError::OutOfRange }
        })
    }

    /// This number with `keep` decimals, half up.
    fn rounded(self, keep: i32) -> Result<Self, NumberError> {
        let away = self.decimals.checked_sub(keep).ok_or(NumberError::OutOfRange)?;
        let power = 10_i128.checked_pow(away.unsigned_abs());
        let mantissa = match (power, away > 0) {
            // So many decimals that nothing is left.
            (None, true) => 0,
            (Some(power), true) => div_round(self.mantissa, power, RoundingMode::HalfUp)
                .ok_or(NumberError::OutOfRange)?,
            (Some(power), false) => {
                self.mantissa.checked_mul(power).ok_or(NumberError::OutOfRange)?
            }
            (None, false) if self.mantissa == 0 => 0,
            (None, false) => return Err(NumberError::OutOfRange),
        };
        Ok(Self { mantissa, decimals: keep })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kept(text: &str, unit: Unit) -> Result<(i64, u8), NumberError> {
        Number::parse(text, b'.')?.kept(unit, None)
    }

    #[test]
    fn values_are_exact_in_their_kilo_unit() {
        assert_eq!(kept("12.340", Unit::KWh), Ok((1_234, 2)));
        assert_eq!(kept("1234", Unit::Wh), Ok((1_234, 3)));
        assert_eq!(kept("1.5", Unit::MWh), Ok((1_500, 0)));
        assert_eq!(kept("-.005", Unit::KWh), Ok((-5, 3)));
        assert_eq!(kept("1.2E-3", Unit::KWh), Ok((12, 4)));
        assert_eq!(kept("0e99", Unit::KWh), Ok((0, 0)));
        let comma = Number::parse("7,5", b',').unwrap();
        assert_eq!(comma.kept(Unit::KWh, None), Ok((75, 1)));
        assert_eq!(comma.at_scale(Unit::KWh, 3), Ok(7_500));
    }

    #[test]
    fn noise_of_binary_fractions_is_rounded_only_on_request() {
        let noisy = Number::parse("7.098000000000001", b'.').unwrap();
        assert_eq!(noisy.kept(Unit::KWh, None), Err(NumberError::TooManyDecimals(9)));
        assert_eq!(noisy.kept(Unit::KWh, Some(3)), Ok((7_098, 3)));
        let tiny = Number::parse("9e-300", b'.').unwrap();
        assert_eq!(tiny.kept(Unit::KWh, Some(3)), Ok((0, 0)));
    }

    #[test]
    fn what_is_no_reading_is_refused() {
        for bad in ["", "-", ".", "NaN", "inf", "1,000", "1e", "1e+", "0x10", "1 2", "--1", "１"] {
            assert_eq!(kept(bad, Unit::KWh), Err(NumberError::NotANumber), "{bad}");
        }
        for far in ["1e400", "1e99999999999", "9".repeat(60).as_str(), "1e19", "-1e30"] {
            assert_eq!(kept(far, Unit::KWh), Err(NumberError::OutOfRange), "{far}");
        }
        assert!(kept("1e-2147483648", Unit::MWh).is_err());
    }

    proptest! {
        #[test]
        fn any_text_ends_without_panic(text in "[-+0-9.eE,]{0,40}", keep in proptest::option::of(0_u8..12)) {
            if let Ok(number) = Number::parse(&text, b'.') {
                for unit in [Unit::Wh, Unit::KWh, Unit::MWh] {
                    let _ = number.kept(unit, keep);
                }
            }
        }

        #[test]
        fn what_kernel_writes_reads_back(value in any::<i64>(), scale in 0_u8..=9) {
            let text = kernel::format_decimal(i128::from(value), u32::from(scale), 0);
            let read = Number::parse(&text, b'.').unwrap().at_scale(Unit::KWh, scale);
            prop_assert_eq!(read, Ok(value));
        }
    }
}
