//! Sums that must agree: the windows with the total, the intervals with the register.

use kernel::{Energy, Ratio, RoundingMode};

use super::ConsumptionError;
use crate::reading::{IntervalBlock, RegisterKind, Registers, energy_of, rescale};

/// Two sums beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumCheck {
    /// What the leading register says.
    pub expected: Energy,
    /// What the parts add up to.
    pub found: Energy,
    /// How far they may be apart.
    pub tolerance: Energy,
}

impl SumCheck {
    /// How far apart they are; never negative.
    #[must_use]
    pub fn apart(&self) -> Energy {
        let apart = i128::from(self.expected.ukwh()) - i128::from(self.found.ukwh());
        Energy::from_ukwh(i64::try_from(apart.abs()).unwrap_or(i64::MAX))
    }

    /// Whether they agree.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.apart() <= self.tolerance
    }
}

/// The time-of-use registers against the total, as read. Each register cuts its last digit on
/// its own, so they may be apart by one last digit for each; `share` of the total comes on top.
/// `None` when the total or all windows are missing.
///
/// # Errors
/// An overflow.
pub fn check_time_of_use(
    registers: &Registers,
    share: Ratio,
) -> Result<Option<SumCheck>, ConsumptionError> {
    let Some(total) = registers.get(RegisterKind::Total) else { return Ok(None) };
    let (mut sum, mut parts) = (0_i64, 0_i64);
    for value in RegisterKind::TIME_OF_USE.into_iter().filter_map(|kind| registers.get(kind)) {
        let over = kernel::QuantityError::Overflow("time-of-use sum");
        sum = sum.checked_add(value).ok_or(over)?;
        parts += 1;
    }
    if parts == 0 {
        return Ok(None);
    }
    let scale = registers.scale();
    let expected = energy_of(total, scale)?;
    let last_digits = energy_of(parts, scale)?;
    let tolerance = expected.times(share, RoundingMode::Up)?.checked_add(last_digits)?;
    Ok(Some(SumCheck { expected, found: energy_of(sum, scale)?, tolerance }))
}

/// The intervals of a period against the difference of the register over the same period, both
/// before the multiplier. `share` is the part of the register's use that they may be apart, and
/// one last digit of the register (`register_scale`) comes on top because its ends are cut.
///
/// # Errors
/// An overflow, or intervals finer than a µkWh.
pub fn check_intervals_against_register(
    block: &IntervalBlock,
    register_difference: i64,
    register_scale: u8,
    share: Ratio,
) -> Result<SumCheck, ConsumptionError> {
    let expected = energy_of(register_difference, register_scale)?;
    let over = kernel::QuantityError::Overflow("sum of intervals");
    let sum = i64::try_from(block.sum()).map_err(|_| over)?;
    let found = Energy::from_ukwh(rescale(sum, block.scale(), 6)?);
    let digit = energy_of(1, register_scale)?;
    let tolerance = expected.times(share, RoundingMode::Up)?.checked_add(digit)?;
    Ok(SumCheck { expected, found, tolerance })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Mark;
    use kernel::Instant;

    fn registers(total: i64, windows: [i64; 4]) -> Registers {
        let mut all = Registers::new(2).unwrap();
        all.set(RegisterKind::Total, Some(total));
        for (kind, value) in RegisterKind::TIME_OF_USE.into_iter().zip(windows) {
            all.set(kind, Some(value));
        }
        all
    }

    #[test]
    fn windows_may_be_apart_by_their_last_digits_only() {
        let check = |total| {
            let all = registers(total, [10_000, 20_000, 30_000, 40_000]);
            check_time_of_use(&all, Ratio::ZERO).unwrap().unwrap()
        };
        assert!(check(100_004).passed() && check(99_996).passed());
        assert!(!check(100_005).passed());
        assert_eq!(check(100_150).apart().to_string(), "1.5");
        assert_eq!(check_time_of_use(&Registers::default(), Ratio::ZERO), Ok(None));
    }

    #[test]
    fn intervals_must_add_up_to_the_register() {
        let values = vec![Some(250); 96];
        let marks = vec![Mark::VALID; 96];
        let block = IntervalBlock::new(Instant::from_micros(0), 900, 3, values, marks).unwrap();
        let share = Ratio::parse("1%").unwrap();
        let check = |moved| check_intervals_against_register(&block, moved, 2, share).unwrap();
        assert!(check(2_400).passed() && check(2_424).passed());
        assert!(!check(2_600).passed());
        assert_eq!(check(2_600).apart().to_string(), "2");
    }
}
