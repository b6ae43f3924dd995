//! Energy, power and their reactive kin as integers in millionths of the trade's unit.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{QuantityError, Ratio, RoundingMode, div_round, format_decimal, parse_decimal};

macro_rules! millionths {
    ($(#[$doc:meta])* $name:ident, $unit:literal, $new:ident, $get:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub struct $name(i64);

        impl $name {
            /// None.
            pub const ZERO: Self = Self(0);

            #[doc = concat!("A quantity of millionths of a ", $unit, ".")]
            #[must_use]
            pub const fn $new(value: i64) -> Self {
                Self(value)
            }

            #[doc = concat!("The quantity in millionths of a ", $unit, ".")]
            #[must_use]
            pub const fn $get(self) -> i64 {
                self.0
            }

            #[doc = concat!("Reads a decimal number of ", $unit, " with at most six decimals.")]
            ///
            /// # Errors
            /// When the text is no decimal, has a seventh decimal, or does not fit.
            pub fn parse(text: &str) -> Result<Self, QuantityError> {
                parse_decimal(text, 6, $unit).map(Self)
            }

            /// The sum.
            ///
            /// # Errors
            /// [`QuantityError::Overflow`].
            pub fn checked_add(self, other: Self) -> Result<Self, QuantityError> {
                self.0.checked_add(other.0).map(Self).ok_or(QuantityError::Overflow($unit))
            }

            /// The difference.
            ///
            /// # Errors
            /// [`QuantityError::Overflow`].
            pub fn checked_sub(self, other: Self) -> Result<Self, QuantityError> {
                self.0.checked_sub(other.0).map(Self).ok_or(QuantityError::Overflow($unit))
            }

            /// This quantity times an exact ratio, rounded to a millionth.
            ///
            /// # Errors
            /// [`QuantityError::Overflow`].
            pub fn times(self, ratio: Ratio, mode: RoundingMode) -> Result<Self, QuantityError> {
                i128::from(self.0)
                    .checked_mul(i128::from(ratio.numerator()))
                    .and_then(|n| div_round(n, i128::from(ratio.denominator()), mode))
                    .and_then(|v| i64::try_from(v).ok())
                    .map(Self)
                    .ok_or(QuantityError::Overflow($unit))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&format_decimal(i128::from(self.0), 6, 0))
            }
        }
    };
}

millionths!(
    /// Active energy (有功电量) in 1e-6 kWh.
    Energy, "kWh", from_ukwh, ukwh
);
millionths!(
    /// Reactive energy (无功电量) in 1e-6 kvarh.
    Reactive, "kvarh", from_ukvarh, ukvarh
);
millionths!(
    /// Active power (有功功率) in 1e-6 kW; also a measured demand.
    Power, "kW", from_ukw, ukw
);
millionths!(
    /// Apparent power or capacity (容量) in 1e-6 kVA; what a capacity charge is priced on.
    Demand, "kVA", from_ukva, ukva
);

impl Energy {
    /// Whole kilowatt-hours.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn from_kwh(kwh: i64) -> Result<Self, QuantityError> {
        kwh.checked_mul(1_000_000).map(Self).ok_or(QuantityError::Overflow("kWh"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_decimals_and_no_more() {
        assert_eq!(Energy::parse("0.000001").unwrap().ukwh(), 1);
        assert_eq!(Energy::parse("15410.2").unwrap().to_string(), "15410.2");
        assert!(Energy::parse("0.0000001").is_err());
        assert!(Energy::from_kwh(i64::MAX).is_err());
        assert!(Energy::from_ukwh(i64::MAX).checked_add(Energy::from_ukwh(1)).is_err());
    }

    /// Story T-08: (175.6 + 62.5) × ratio 40 = 9 524 kWh.
    #[test]
    fn a_multiplier_is_exact() {
        let use_ =
            Energy::parse("175.6").unwrap().checked_add(Energy::parse("62.5").unwrap()).unwrap();
        let billed = use_.times(Ratio::new(40, 1).unwrap(), RoundingMode::HalfUp).unwrap();
        assert_eq!(billed.to_string(), "9524");
    }
}
