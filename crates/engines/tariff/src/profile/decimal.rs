//! Decimal numbers as they stand in a file: digits and a power of ten, never a binary fraction.
//!
//! US rate files carry prices with more decimals than [`kernel::Rate`] keeps, and limits such as
//! `1e+38`; both are read here without passing through floating point.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::value::RawValue;

/// The most significant digits that are kept; a number with more is refused.
const MAX_DIGITS: usize = 36;

/// A decimal number `digits` × 10^`exponent`, in lowest terms (no trailing zero in `digits`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { digits: 0, exponent: 0 };
    /// One.
    pub const ONE: Self = Self { digits: 1, exponent: 0 };

    /// Reads a number in JSON's spelling: `12`, `-0.5`, `1e+38`. `None` when the text is no
    /// number, has more than 36 significant digits, or an exponent of more than four digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((m, e)) => (m, parse_exponent(e)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let digits: Cow<'_, str> =
            if fraction.is_empty() { whole.into() } else { format!("{whole}{fraction}").into() };
        let kept = digits.trim_start_matches('0').trim_end_matches('0');
        if kept.is_empty() {
            return Some(Self::ZERO);
        }
        if kept.len() > MAX_DIGITS {
            return None;
        }
        let dropped = digits.len() - digits.trim_end_matches('0').len();
        let shift = i32::try_from(dropped).ok()? - i32::try_from(fraction.len()).ok()?;
        let value: i128 = kept.parse().ok()?;
        Some(Self {
            digits: if negative { -value } else { value },
            exponent: exponent.checked_add(shift)?,
        })
    }

    /// A whole number.
    #[must_use]
    pub fn from_integer(value: i64) -> Self {
        Self::parse(&value.to_string()).unwrap_or(Self::ZERO)
    }

    /// Whether this is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Whether this is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// This number in units of 10^-`scale`; what lies beyond is rounded half to even. `None` when
    /// it does not fit.
    #[must_use]
    pub fn scaled(self, scale: u32) -> Option<i128> {
        if self.digits == 0 {
            return Some(0);
        }
        let shift = self.exponent.checked_add(i32::try_from(scale).ok()?)?;
        match u32::try_from(shift) {
            Ok(up) => 10_i128.checked_pow(up).and_then(|p| self.digits.checked_mul(p)),
            Err(_) => match 10_i128.checked_pow(shift.unsigned_abs()) {
                Some(p) => kernel::div_round(self.digits, p, kernel::RoundingMode::HalfEven),
                None => Some(0),
            },
        }
    }

    /// This number as a whole number, when it is one.
    #[must_use]
    pub fn integer(self) -> Option<i64> {
        if self.exponent < 0 {
            return None;
        }
        self.scaled(0).and_then(|v| i64::try_from(v).ok())
    }
}

fn parse_exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: i32 = digits.parse().ok()?;
    Some(if text.starts_with('-') { -value } else { value })
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (u32::try_from(-i64::from(self.exponent)), self.integer()) {
            (_, Some(whole)) => f.pad(&whole.to_string()),
            (Ok(decimals), None) if decimals <= 40 => {
                f.pad(&kernel::format_decimal(self.digits, decimals, 0))
            }
            _ => f.pad(&format!("{}e{}", self.digits, self.exponent)),
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    /// Takes the number's text from the JSON source, so that no digit is lost on the way.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let number = raw.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        number.then(|| Self::parse(raw)).flatten().ok_or_else(|| {
            let shown: String = raw.chars().take(40).collect();
            D::Error::custom(format!(
                "expected a number of at most {MAX_DIGITS} digits, found {shown}"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn e18(text: &str) -> i128 {
        Decimal::parse(text).unwrap().scaled(18).unwrap()
    }

    #[test]
    fn prices_keep_every_decimal_of_the_file() {
        assert_eq!(e18("0.07850000000000001"), 78_500_000_000_000_010);
        assert_eq!(e18("1e-5"), 10_000_000_000_000);
        assert_eq!(e18("-12.50"), -12_500_000_000_000_000_000);
        assert_eq!(e18("0.000"), 0);
        assert_eq!(Decimal::parse("7.0").unwrap().integer(), Some(7));
        assert_eq!(Decimal::parse("7.5").unwrap().integer(), None);
    }

    #[test]
    fn very_large_numbers_are_read_but_do_not_fit() {
        for text in ["1e+38", "100000000000000000000000000000000000000"] {
            let value = Decimal::parse(text).unwrap();
            assert_eq!(value.scaled(6), None, "{text}");
            assert_eq!(value.to_string(), "1e38");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in ["", "-", ".", "1e", "1e99999", "0x1", "NaN", "1,5", "--1", "1e5.5", "１"] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
        assert_eq!(Decimal::parse(&"1".repeat(37)), None);
        for bad in ["\"1\"", "null", "[1]", "true"] {
            assert!(serde_json::from_str::<Decimal>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(digits in any::<i64>(), decimals in 0_u32..20) {
            let text = kernel::format_decimal(i128::from(digits), decimals, 0);
            let value = Decimal::parse(&text).unwrap();
            prop_assert_eq!(value.scaled(decimals), Some(i128::from(digits)));
            prop_assert_eq!(Decimal::parse(&value.to_string()), Some(value));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}", scale in 0_u32..40) {
            if let Some(value) = Decimal::parse(&text) {
                let _ = (value.scaled(scale), value.integer(), value.to_string());
            }
        }
    }
}
