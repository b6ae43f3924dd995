//! Serde forms of the kernel's quantities as decimal text, so that JSON and TOML never pass
//! through floating point: `#[serde(with = "text::rate")]`.

use kernel::{QuantityError, Ratio, format_decimal, parse_decimal};
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// Reads a ratio as `7/12`, `1.05`, `40%`.
///
/// # Errors
/// When it is none of these or does not fit.
pub fn parse_ratio(text: &str) -> Result<Ratio, QuantityError> {
    match text.split_once('/') {
        Some((n, d)) => Ratio::new(parse_decimal(n, 0, "ratio")?, parse_decimal(d, 0, "ratio")?),
        None => Ratio::parse(text),
    }
}

/// Writes a ratio as a finite decimal where there is one of at most 12 decimals, else `n/d`.
#[must_use]
pub fn format_ratio(ratio: Ratio) -> String {
    let (n, d) = (i128::from(ratio.numerator()), i128::from(ratio.denominator()));
    let scaled = n * 1_000_000_000_000;
    if scaled % d == 0 { format_decimal(scaled / d, 12, 0) } else { ratio.to_string() }
}

/// Writes a ratio as a percentage: `-0.75%`, `100/3%`.
#[must_use]
pub fn format_percent(ratio: Ratio) -> String {
    let (n, d) = (i128::from(ratio.numerator()) * 100, i128::from(ratio.denominator()));
    let scaled = n * 1_000_000;
    if scaled % d == 0 {
        format!("{}%", format_decimal(scaled / d, 6, 0))
    } else {
        ratio.to_string()
    }
}

macro_rules! decimal_text {
    ($(#[$doc:meta])* $module:ident, $type:ty, $parse:expr, $show:expr) => {
        $(#[$doc])*
        pub mod $module {
            use super::{Deserialize, Deserializer, Error, Serializer};

            /// Writes it as decimal text.
            ///
            /// # Errors
            /// Those of the serializer.
            pub fn serialize<S: Serializer>(value: &$type, s: S) -> Result<S::Ok, S::Error> {
                let show: fn(&$type) -> String = $show;
                s.serialize_str(&show(value))
            }

            /// Reads it from decimal text.
            ///
            /// # Errors
            /// When the text is no such quantity.
            pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<$type, D::Error> {
                let text = String::deserialize(d)?;
                let parse: fn(&str) -> Result<$type, kernel::QuantityError> = $parse;
                parse(&text).map_err(|e| D::Error::custom(format!("{text:?}: {e}")))
            }
        }
    };
}

decimal_text!(
    /// [`kernel::Rate`] as `"0.58886875"`.
    rate, kernel::Rate, kernel::Rate::parse, |v| v.to_string()
);
decimal_text!(
    /// [`kernel::Ratio`] as `"1.05"`, `"40%"` or `"7/12"`.
    ratio, kernel::Ratio, super::parse_ratio, |v| super::format_ratio(*v)
);
decimal_text!(
    /// [`kernel::Energy`] as kWh, `"98000"`.
    energy, kernel::Energy, kernel::Energy::parse, |v| v.to_string()
);
decimal_text!(
    /// A number of millionths as `"1.5"`.
    millionths, i64, |t| kernel::parse_decimal(t, 6, "quantity"),
    |v| kernel::format_decimal(i128::from(*v), 6, 0)
);
decimal_text!(
    /// Money in 1e-4 units as `"128053.04"`.
    units, i64, |t| kernel::parse_decimal(t, 4, "amount of money"),
    |v| kernel::format_decimal(i128::from(*v), 4, 2)
);
