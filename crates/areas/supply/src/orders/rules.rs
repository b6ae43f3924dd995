//! The arithmetic of rotation and of meter errors. Pure.

use kernel::{Date, Energy, QuantityError, Ratio, RoundingMode, div_round};
use lake::tables::ReadingRow;
use metering::reading::{Mark, Method, RegisterKind, Source, Validity};

use super::{Adjustment, OrderError};
use crate::meters::Registers;

/// Year and number of the quarter of a day.
#[must_use]
pub fn quarter_of(day: Date) -> (i16, i8) {
    (day.year(), (day.month() - 1) / 3 + 1)
}

/// The energy to be added when a meter that was wrong by `error_ppm` (millionths; +32 000 is
/// +3.2 %) registered `registered`: true energy is registered ÷ (1 + error), so a fast meter gives a
/// negative figure. The Supply Business Rules 1996, article 80, correct to zero error.
///
/// # Errors
/// [`QuantityError`] for an error of −100 % or less, or an amount that does not fit.
pub fn error_adjustment(registered: Energy, error_ppm: i64) -> Result<Energy, QuantityError> {
    const WHAT: QuantityError = QuantityError::Overflow("energy of a meter error");
    let whole = 1_000_000_i128 + i128::from(error_ppm);
    if whole <= 0 {
        return Err(WHAT);
    }
    let change = -(i128::from(registered.ukwh()) * i128::from(error_ppm));
    let ukwh = div_round(change, whole, RoundingMode::HalfUp).ok_or(WHAT)?;
    i64::try_from(ukwh).map(Energy::from_ukwh).map_err(|_| WHAT)
}

/// The registers that add up to the total.
const BUCKETS: [RegisterKind; 5] = [
    RegisterKind::Sharp,
    RegisterKind::Peak,
    RegisterKind::Flat,
    RegisterKind::Valley,
    RegisterKind::Deep,
];

/// Decimals of an adjusted closing read: fine enough that the ratio does not blow up what rounding
/// leaves.
const SCALE: u8 = 6;

/// The closing read with the adjustment in it, as a decision that outranks the crew's own read; that
/// one stays.
///
/// # Errors
/// [`OrderError::Field`] when a register of the adjustment was not read at the end, when buckets do
/// not add up to the total, or when the register would show less than nothing.
pub(super) fn adjusted_closing(
    closing: (&Registers, u8),
    ratio: Ratio,
    adjust: &Adjustment,
    stand: ReadingRow,
) -> Result<ReadingRow, OrderError> {
    let wrong = |reason| OrderError::Field { field: "energy", reason };
    let (shown, scale) = closing;
    let finer = 10_i64.pow(u32::from(SCALE.saturating_sub(scale)));
    let buckets: Vec<_> = RegisterKind::ALL
        .into_iter()
        .filter(|kind| BUCKETS.contains(kind) && shown.0.contains_key(kind.name()))
        .collect();
    let of = |kind: &RegisterKind| adjust.get(kind).map_or(0, |energy| i128::from(energy.ukwh()));
    if !buckets.is_empty() && buckets.iter().map(of).sum::<i128>() != of(&RegisterKind::Total) {
        return Err(wrong("the windows of the day must add up to the total"));
    }
    let mut row = ReadingRow {
        scale: SCALE,
        source: Source::Edited.code(),
        mark: Mark { validity: Validity::Edited, method: Method::Manual }.code(),
        revision: 1,
        ..stand
    };
    for (word, value) in &shown.0 {
        let kind: RegisterKind = word.parse().map_err(|_| wrong("a register is not known"))?;
        // Energy of the customer's side is the register's times the ratio.
        let moved = of(&kind)
            .checked_mul(i128::from(ratio.denominator()))
            .and_then(|upper| div_round(upper, i128::from(ratio.numerator()), RoundingMode::HalfUp))
            .ok_or_else(|| wrong("too much"))?;
        let after = i128::from(*value) * i128::from(finer) + moved;
        let after = i64::try_from(after).map_err(|_| wrong("too much"))?;
        if after < 0 {
            return Err(wrong("the register would show less than nothing"));
        }
        row.register[kind.index()] = Some(after);
    }
    let missing = adjust.keys().any(|kind| !shown.0.contains_key(kind.name()));
    if missing {
        return Err(wrong("this register was not read when the meter was taken down"));
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Domain example: a meter at +3.2 % billed 2 400 kWh in the half period; over-billed
    /// 2 400 × 0.032 ÷ 1.032 = 74.42 kWh.
    #[test]
    fn a_fast_meter_is_corrected_to_zero_error() {
        let energy = error_adjustment(Energy::from_ukwh(2_400_000_000), 32_000).unwrap();
        assert_eq!(energy.ukwh(), -74_418_605);
        let slow = error_adjustment(Energy::from_ukwh(1_000_000_000), -200_000).unwrap();
        assert_eq!(slow.ukwh(), 250_000_000, "1000 ÷ 0.8 − 1000");
        assert!(error_adjustment(Energy::from_ukwh(1), -1_000_000).is_err());
    }

    #[test]
    fn quarters_begin_in_january() {
        assert_eq!(quarter_of(Date::constant(2026, 9, 30)), (2026, 3));
        assert_eq!(quarter_of(Date::constant(2026, 10, 1)), (2026, 4));
    }

    #[test]
    fn an_adjustment_moves_the_closing_read_by_energy_over_ratio() {
        let shown = Registers([("total".to_owned(), 154_102)].into());
        let ratio = Ratio::new(40, 1).unwrap();
        let adjust = Adjustment::from([(RegisterKind::Total, Energy::from_ukwh(-80_000_000))]);
        let row = adjusted_closing((&shown, 1), ratio, &adjust, ReadingRow::default()).unwrap();
        assert_eq!(row.register[RegisterKind::Total.index()], Some(15_408_200_000), "15 408.2");
        let other = Adjustment::from([(RegisterKind::ExportTotal, Energy::from_ukwh(1))]);
        assert!(adjusted_closing((&shown, 1), ratio, &other, ReadingRow::default()).is_err());
    }
}
