//! The words every room shares.
//!
//! Money, energy, rates and ratios as integers with their unit in the type; named rounding;
//! half-open periods; zones and business calendars; the injected [`Clock`]; 63-bit ids; the eight
//! kinds of fault. No input or output lives here, no rule of the trade and no floating point:
//! a value that does not fit is an error, never a wrap.

mod calendar;
mod clock;
mod energy;
mod fault;
mod id;
mod money;
mod period;
mod ratio;
mod rounding;
mod zone;

pub use calendar::{BusinessCalendar, CalendarError, DayKind};
pub use clock::{Clock, Instant, ManualClock, SystemClock};
pub use energy::{Demand, Energy, Power, Reactive};
pub use fault::{Fault, FaultKind};
pub use id::{Id, IdGenerator, IdParseError};
pub use jiff::civil::{Date, Time};
pub use money::{Currency, ExactMoney, Money, Rate};
pub use period::{DatePeriod, InstantPeriod, Period, PeriodError};
pub use ratio::Ratio;
pub use rounding::{Rounding, RoundingMode, div_round};
pub use zone::Zone;

/// What can go wrong with a quantity: it does not fit, or it was mixed with another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// The result does not fit the type.
    #[error("the result is too large to be stored: {0}")]
    Overflow(&'static str),
    /// Two currencies met in one sum.
    #[error("{0} and {1} cannot be added: convert one of them first")]
    CurrencyMismatch(Currency, Currency),
    /// A ratio or a division by zero.
    #[error("division by zero: {0}")]
    DivisionByZero(&'static str),
    /// A text is not a number of this kind.
    #[error("not a {0}: write digits with an optional sign and decimal point, for example 12.34")]
    NotANumber(&'static str),
    /// A text carries more decimals than the type keeps.
    #[error("too many decimals for a {0}: at most {1} are kept")]
    TooManyDecimals(&'static str, u32),
}

impl Fault for QuantityError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Overflow(_) => "quantity.overflow",
            Self::CurrencyMismatch(..) => "quantity.currency_mismatch",
            Self::DivisionByZero(_) => "quantity.division_by_zero",
            Self::NotANumber(_) => "quantity.not_a_number",
            Self::TooManyDecimals(..) => "quantity.too_many_decimals",
        }
    }
}

/// Reads a decimal text such as `-12.345` as an integer of 10^-`scale` units, exactly.
///
/// # Errors
/// [`QuantityError::NotANumber`], [`QuantityError::TooManyDecimals`] when a non-zero digit would
/// be lost, [`QuantityError::Overflow`].
pub fn parse_decimal(text: &str, scale: u32, what: &'static str) -> Result<i64, QuantityError> {
    let text = text.trim();
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digit = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !digit(whole) || !digit(fraction) {
        return Err(QuantityError::NotANumber(what));
    }
    let mut value: i64 = 0;
    let mut push = |b: u8| {
        let digit = i64::from(b - b'0');
        let signed = if negative { -digit } else { digit };
        value = value.checked_mul(10)?.checked_add(signed)?;
        Some(())
    };
    for b in whole.bytes() {
        push(b).ok_or(QuantityError::Overflow(what))?;
    }
    for i in 0..scale as usize {
        let b = fraction.as_bytes().get(i).copied().unwrap_or(b'0');
        push(b).ok_or(QuantityError::Overflow(what))?;
    }
    if fraction.bytes().skip(scale as usize).any(|b| b != b'0') {
        return Err(QuantityError::TooManyDecimals(what, scale));
    }
    Ok(value)
}

/// Writes an integer of 10^-`scale` units as a decimal with at least `min_decimals` decimals and
/// no further trailing zeros.
#[must_use]
pub fn format_decimal(value: i128, scale: u32, min_decimals: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
    let kept = fraction.trim_end_matches('0').len().max((min_decimals.min(scale)) as usize);
    if kept == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{}", &fraction[..kept])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        assert_eq!(parse_decimal("12.34", 4, "amount"), Ok(123_400));
        assert_eq!(parse_decimal("-0.5", 4, "amount"), Ok(-5_000));
        assert_eq!(parse_decimal(".5", 1, "amount"), Ok(5));
        assert_eq!(parse_decimal("1.23450", 4, "amount"), Ok(12_345));
        assert_eq!(
            parse_decimal("1.23456", 4, "amount"),
            Err(QuantityError::TooManyDecimals("amount", 4))
        );
        for bad in ["", ".", "-", "1e3", "1,000", "１", "0x1", "--1", "1.2.3", "NaN"] {
            assert!(parse_decimal(bad, 4, "amount").is_err(), "{bad} was accepted");
        }
        assert!(parse_decimal("922337203685477.5808", 4, "amount").is_err());
        assert_eq!(parse_decimal("-922337203685477.5808", 4, "amount"), Ok(i64::MIN));
        assert_eq!(format_decimal(-123_400, 4, 2), "-12.34");
        assert_eq!(format_decimal(-5, 4, 0), "-0.0005");
        assert_eq!(format_decimal(120_000, 4, 0), "12");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in any::<i64>(), scale in 0_u32..=8) {
            let text = format_decimal(i128::from(value), scale, 2);
            prop_assert_eq!(parse_decimal(&text, scale, "amount"), Ok(value));
        }
    }
}
