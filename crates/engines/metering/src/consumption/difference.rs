//! The difference of two values of a cumulative register, across rollover and exchange.

use kernel::{Energy, QuantityError, Ratio, RoundingMode, div_round, format_decimal};

use super::ConsumptionError;
use crate::reading::energy_of;

/// What a register can show: so many digits before the point and so many decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dial {
    digits: u8,
    scale: u8,
}

impl Dial {
    /// A dial of `digits` before the point and `scale` decimals: 6 and 2 show up to 999999.99.
    ///
    /// # Errors
    /// [`ConsumptionError::Dial`] when it shows nothing or more than 18 digits.
    pub const fn new(digits: u8, scale: u8) -> Result<Self, ConsumptionError> {
        if digits == 0 || digits > 18 || scale > 9 || digits + scale > 18 {
            return Err(ConsumptionError::Dial { digits, scale });
        }
        Ok(Self { digits, scale })
    }

    /// Decimals of its values.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// One more than the largest value: where it starts again from zero.
    #[must_use]
    pub const fn modulus(self) -> i64 {
        10_i64.pow((self.digits + self.scale) as u32)
    }

    fn text(self, value: i64) -> String {
        format_decimal(i128::from(value), u32::from(self.scale), 0)
    }

    fn check(self, value: i64) -> Result<(), ConsumptionError> {
        if (0..self.modulus()).contains(&value) {
            return Ok(());
        }
        Err(ConsumptionError::BeyondDial { value: self.text(value), digits: self.digits })
    }
}

/// How far a register moved, at its own resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The use at the dial's scale, before the multiplier; never negative.
    pub value: i64,
    /// Whether the dial passed its end.
    pub rolled_over: bool,
}

/// The difference of two values of one register. A lower later value is a rollover when the use
/// that it would mean is not above `plausible` (at the dial's scale); otherwise it is reversed.
///
/// # Errors
/// [`ConsumptionError::BeyondDial`], [`ConsumptionError::Reversed`].
pub fn difference(
    previous: i64,
    current: i64,
    dial: Dial,
    plausible: i64,
) -> Result<Difference, ConsumptionError> {
    dial.check(previous)?;
    dial.check(current)?;
    if current >= previous {
        return Ok(Difference { value: current - previous, rolled_over: false });
    }
    let around = dial.modulus() - previous + current;
    if around <= plausible {
        return Ok(Difference { value: around, rolled_over: true });
    }
    Err(ConsumptionError::Reversed {
        previous: dial.text(previous),
        current: dial.text(current),
        as_rollover: dial.text(around),
        plausible: dial.text(plausible),
    })
}

/// One meter's part of a period: from its first to its last value in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The value at the start: the last billed one, or the opening read after an exchange.
    pub opening: i64,
    /// The value at the end: the present one, or the closing read before an exchange.
    pub closing: i64,
    /// The meter's dial.
    pub dial: Dial,
    /// CT × PT while this meter was in place.
    pub multiplier: Ratio,
    /// The most that can have been used, at the dial's scale: decides rollover.
    pub plausible: i64,
}

/// The use of a period in which meters may have been exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseAcross {
    /// The energy of all segments together.
    pub energy: Energy,
    /// The difference of each segment, in the order given, for the arithmetic on the bill.
    pub differences: Vec<Difference>,
}

/// The energy over consecutive segments: one for each meter that was in place. Each segment is
/// multiplied exactly and stated in µkWh (a multiplier that is no whole number is rounded half up
/// at the millionth).
///
/// # Errors
/// As [`difference`]; an overflow of the energy.
pub fn use_across(segments: &[Segment]) -> Result<UseAcross, ConsumptionError> {
    let mut energy = Energy::ZERO;
    let mut differences = Vec::with_capacity(segments.len());
    for segment in segments {
        let moved = difference(segment.opening, segment.closing, segment.dial, segment.plausible)?;
        let own = energy_of(moved.value, segment.dial.scale())?;
        energy = energy.checked_add(own.times(segment.multiplier, RoundingMode::HalfUp)?)?;
        differences.push(moved);
    }
    Ok(UseAcross { energy, differences })
}

/// What a meter that runs fast by `error` (3.2 % = 0.032) counted too much out of `counted`:
/// corrected to zero error, `counted × error ÷ (1 + error)` (《供电营业规则》 on meters beyond
/// their class). A negative error gives the negative: what it counted too little.
///
/// # Errors
/// [`QuantityError`] when the error is −100 % or the result does not fit.
pub fn over_registered(counted: Energy, error: Ratio) -> Result<Energy, QuantityError> {
    let whole = i128::from(error.denominator()) + i128::from(error.numerator());
    if whole <= 0 {
        return Err(QuantityError::DivisionByZero("meter error of -100 % or less"));
    }
    i128::from(counted.ukwh())
        .checked_mul(i128::from(error.numerator()))
        .and_then(|n| div_round(n, whole, RoundingMode::HalfUp))
        .and_then(|v| i64::try_from(v).ok())
        .map(Energy::from_ukwh)
        .ok_or(QuantityError::Overflow("kWh"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(opening: i64, closing: i64) -> Segment {
        let dial = Dial::new(6, 1).unwrap();
        let multiplier = Ratio::new(40, 1).unwrap();
        Segment { opening, closing, dial, multiplier, plausible: 100_000 }
    }

    /// Story T-08: closes at 15 410.2 (last billed 15 234.6), the new meter runs 0.0 → 62.5,
    /// ratio 40: 9 524 kWh.
    #[test]
    fn consumption_is_continuous_across_an_exchange() {
        let across = use_across(&[segment(152_346, 154_102), segment(0, 625)]).unwrap();
        assert_eq!(across.energy.to_string(), "9524");
        assert_eq!(across.differences.iter().map(|d| d.value).collect::<Vec<_>>(), [1_756, 625]);
    }

    #[test]
    fn a_dial_rolls_over_but_does_not_run_back() {
        let dial = Dial::new(6, 1).unwrap();
        let moved = difference(9_999_990, 15, dial, 1_000).unwrap();
        assert_eq!(moved, Difference { value: 25, rolled_over: true });
        let error = difference(15_000, 14_000, dial, 1_000).unwrap_err();
        assert!(error.to_string().contains("from 1500 to 1400"), "{error}");
        assert!(difference(0, 10_000_000, dial, 1).is_err());
        assert!(difference(-1, 5, dial, 1).is_err());
        assert!(Dial::new(12, 7).is_err() && Dial::new(0, 2).is_err());
    }

    #[test]
    fn whoever_multiplies_too_far_is_told() {
        let multiplier = Ratio::new(i64::MAX, 1).unwrap();
        let far = Segment { multiplier, ..segment(0, 9_999_999) };
        assert!(use_across(&[far]).is_err());
    }

    /// Section 2.4 golden case and story T-09: +3.2 % on 2 400 kWh is 74.42 kWh too much.
    #[test]
    fn a_fast_meter_is_corrected_to_zero_error() {
        let counted = Energy::from_kwh(2_400).unwrap();
        let too_much = over_registered(counted, Ratio::parse("3.2%").unwrap()).unwrap();
        assert_eq!(too_much.to_string(), "74.418605");
        assert!(over_registered(counted, Ratio::parse("-100%").unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn going_on_from_a_read_adds_up(
            start in 0_i64..10_000_000, first in 0_i64..50_000, second in 0_i64..50_000
        ) {
            let dial = Dial::new(6, 1).unwrap();
            let turn = |v: i64| v % dial.modulus();
            let (a, b, c) = (start, turn(start + first), turn(start + first + second));
            let step = |x, y| difference(x, y, dial, 100_000).unwrap().value;
            prop_assert_eq!(step(a, b) + step(b, c), step(a, c));
        }
    }
}
