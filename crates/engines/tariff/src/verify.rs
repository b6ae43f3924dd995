//! Recomputes a bill from what it states itself: each line's amount from its own operands, and
//! the total from the lines. It needs no tariff; whoever holds the bill can do it.

use crate::{Amount, Arithmetic, RatedBill, TariffError};

/// Checks every line of a bill and its total.
///
/// # Errors
/// [`TariffError::LineMismatch`] for the first line that does not follow from its operands;
/// line 0 is the total.
pub fn verify_lines(bill: &RatedBill) -> Result<(), TariffError> {
    for (index, line) in bill.lines.iter().enumerate() {
        let recomputed = line.arithmetic.amount(bill.currency, line.rounding)?;
        let mismatch = |stated: String, recomputed: String| TariffError::LineMismatch {
            line: index + 1,
            key: line.key.clone(),
            stated,
            recomputed,
        };
        if recomputed != line.amount {
            return Err(mismatch(line.amount.to_string(), recomputed.to_string()));
        }
        // What the line shows as its quantity and price must be what was multiplied.
        if let Arithmetic::Product { quantity, rate, .. } = &line.arithmetic {
            if *quantity != line.quantity {
                return Err(mismatch(line.quantity.to_string(), quantity.to_string()));
            }
            if let Some(shown) = line.rate.filter(|shown| shown.value != *rate) {
                return Err(mismatch(shown.value.to_string(), rate.to_string()));
            }
        }
        let words = line.arithmetic.words(bill.currency, line.rounding, line.amount)?;
        if words != line.formula {
            return Err(mismatch(line.formula.en.clone(), words.en));
        }
    }
    let sum = Amount::sum(bill.lines.iter().map(|l| l.amount))?;
    if sum != bill.total {
        return Err(TariffError::LineMismatch {
            line: 0,
            key: "total".to_owned(),
            stated: bill.total.to_string(),
            recomputed: sum.to_string(),
        });
    }
    Ok(())
}
