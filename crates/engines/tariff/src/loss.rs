//! Losses billed with the use: transformer loss by formula or as a fixed monthly energy, and
//! line loss as a share.

use kernel::{Energy, QuantityError, Ratio, Reactive, RoundingMode, div_round};
use serde::{Deserialize, Serialize};

use crate::TariffError;

/// What the formula needs to know of a transformer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformerData {
    /// Rated capacity S in 1e-6 kVA.
    pub capacity_ukva: i64,
    /// No-load loss P0 in 1e-6 kW.
    pub no_load_ukw: i64,
    /// Load loss Pk in 1e-6 kW.
    pub load_ukw: i64,
    /// No-load current I0 as a share (1 % = 1/100).
    pub no_load_current: Ratio,
    /// Short-circuit voltage Uk as a share.
    pub short_circuit_voltage: Ratio,
}

/// How losses are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LossRule {
    /// P0·T + K·Pk·T·(W²+Q²)/(S·T)² active, I0·S·T + K·Uk·S·T·β² reactive.
    Formula {
        /// Load-curve factor K (one shift ≈ 3, two ≈ 1.5, three ≈ 1.05).
        shape: Ratio,
        /// Hours of a full month (720), or `None`: the real hours of the period.
        month_hours: Option<u32>,
        /// Losses are rounded to this many µkWh (100 000 = 0.1 kWh).
        step_ukwh: i64,
        /// Over which buckets it goes.
        spread: LossSpread,
    },
    /// A fixed energy a month from a provincial table, pro-rata by days.
    Fixed {
        /// Active loss of a full month.
        month: Energy,
        /// Rounded to this many µkWh.
        step_ukwh: i64,
        /// Over which buckets it goes.
        spread: LossSpread,
    },
    /// A share of the metered energy (line loss by agreement).
    Share {
        /// Of the energy.
        share: Ratio,
        /// Rounded to this many µkWh.
        step_ukwh: i64,
        /// Over which buckets it goes.
        spread: LossSpread,
    },
}

/// Over which buckets billed losses go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossSpread {
    /// In proportion to the metered energy.
    Proportional,
    /// All into flat.
    Flat,
}

/// Losses of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Losses {
    /// Active loss, rounded by the rule's step.
    pub active: Energy,
    /// Of it, the no-load part (unrounded difference is in the load part).
    pub no_load: Energy,
    /// Reactive loss, rounded by the same step.
    pub reactive: Reactive,
}

impl LossRule {
    /// The step to which losses are rounded, in µkWh.
    #[must_use]
    pub const fn step_ukwh(&self) -> i64 {
        match self {
            Self::Formula { step_ukwh, .. }
            | Self::Fixed { step_ukwh, .. }
            | Self::Share { step_ukwh, .. } => *step_ukwh,
        }
    }

    /// Over which buckets the loss goes.
    #[must_use]
    pub const fn spread(&self) -> LossSpread {
        match self {
            Self::Formula { spread, .. }
            | Self::Fixed { spread, .. }
            | Self::Share { spread, .. } => *spread,
        }
    }

    /// The losses that belong to a metered use. `month_share` is the part of a month that the
    /// period is, `days` its length.
    ///
    /// # Errors
    /// [`TariffError::FactMissing`] when the formula has no transformer,
    /// [`TariffError::Quantity`] on overflow (beyond about 10^8 kWh a month).
    pub fn losses(
        &self,
        transformer: Option<&TransformerData>,
        active: Energy,
        reactive: Reactive,
        month_share: Ratio,
        days: i32,
    ) -> Result<Losses, TariffError> {
        let step = Ratio::new(1, self.step_ukwh())?;
        let to_step = |loss: Energy| -> Result<Energy, QuantityError> {
            let steps = loss.times(step, RoundingMode::HalfUp)?;
            steps.times(Ratio::new(self.step_ukwh(), 1)?, RoundingMode::HalfUp)
        };
        match self {
            Self::Formula { shape, month_hours, .. } => {
                let transformer = transformer.ok_or(TariffError::FactMissing {
                    what: "the transformer's data",
                    hint: "no-load and load loss, no-load current and short-circuit voltage",
                })?;
                let hours = match month_hours {
                    Some(hours) => Ratio::new(i64::from(*hours), 1)?.checked_mul(month_share)?,
                    None => Ratio::new(i64::from(days) * 24, 1)?,
                };
                let raw = transformer.losses(*shape, hours, active, reactive)?;
                let reactive = to_step(Energy::from_ukwh(raw.reactive.ukvarh()))?;
                Ok(Losses {
                    active: to_step(raw.active)?,
                    no_load: raw.no_load,
                    reactive: Reactive::from_ukvarh(reactive.ukwh()),
                })
            }
            Self::Fixed { month, .. } => {
                let whole = month.times(month_share, RoundingMode::HalfUp)?;
                Ok(Losses { active: to_step(whole)?, no_load: whole, reactive: Reactive::ZERO })
            }
            Self::Share { share, .. } => {
                let whole = active.times(*share, RoundingMode::HalfUp)?;
                let (no_load, reactive) = (Energy::ZERO, Reactive::ZERO);
                Ok(Losses { active: to_step(whole)?, no_load, reactive })
            }
        }
    }
}

impl TransformerData {
    /// Losses to the µkWh: P0·T + K·Pk·(W²+Q²)/(S²·T) active and
    /// I0·S·T + K·Uk·(W²+Q²)/(S·T) reactive.
    ///
    /// # Errors
    /// [`TariffError::Quantity`] on overflow or a transformer without capacity.
    pub fn losses(
        &self,
        shape: Ratio,
        hours: Ratio,
        active: Energy,
        reactive: Reactive,
    ) -> Result<Losses, TariffError> {
        const OVER: QuantityError = QuantityError::Overflow("transformer loss");
        let (w, q, s) = (
            i128::from(active.ukwh()),
            i128::from(reactive.ukvarh()),
            i128::from(self.capacity_ukva),
        );
        let squares = w.checked_mul(w).zip(q.checked_mul(q));
        let squares = squares.and_then(|(w2, q2)| w2.checked_add(q2)).ok_or(OVER)?;
        // K / T as one ratio keeps the products small.
        let per_hour = shape.checked_mul(Ratio::new(hours.denominator(), hours.numerator())?)?;
        let (n, d) = (i128::from(per_hour.numerator()), i128::from(per_hour.denominator()));
        let divide = |product: Option<i128>, by: Option<i128>| {
            let value = product.zip(by).and_then(|(p, by)| div_round(p, by, RoundingMode::HalfUp));
            value.and_then(|v| i64::try_from(v).ok()).ok_or(OVER)
        };
        let load = divide(
            squares.checked_mul(n).and_then(|v| v.checked_mul(i128::from(self.load_ukw))),
            s.checked_mul(s).and_then(|v| v.checked_mul(d)),
        )?;
        let no_load = Energy::from_ukwh(self.no_load_ukw).times(hours, RoundingMode::HalfUp)?;
        let magnetising = self.no_load_current.checked_mul(hours)?;
        let magnetising =
            Energy::from_ukwh(self.capacity_ukva).times(magnetising, RoundingMode::HalfUp)?;
        let uk = self.short_circuit_voltage;
        let leakage = divide(
            squares.checked_mul(n).and_then(|v| v.checked_mul(i128::from(uk.numerator()))),
            s.checked_mul(d).and_then(|v| v.checked_mul(i128::from(uk.denominator()))),
        )?;
        let leakage = magnetising.checked_add(Energy::from_ukwh(leakage))?;
        Ok(Losses {
            active: no_load.checked_add(Energy::from_ukwh(load))?,
            no_load,
            reactive: Reactive::from_ukvarh(leakage.ukwh()),
        })
    }
}

/// Spreads an energy over buckets in proportion to their use (or all into `flat`), to the last
/// µkWh; rounding is cumulative, so the parts always add up.
///
/// # Errors
/// [`QuantityError::Overflow`].
pub fn spread(
    loss: Energy,
    by_column: &[i64],
    flat: usize,
    rule: LossSpread,
) -> Result<Vec<i64>, QuantityError> {
    const OVER: QuantityError = QuantityError::Overflow("spread loss");
    let total = by_column.iter().try_fold(0_i64, |sum, e| sum.checked_add(*e)).ok_or(OVER)?;
    let mut parts = vec![0; by_column.len()];
    if rule == LossSpread::Flat || total <= 0 {
        if let Some(part) = parts.get_mut(flat) {
            *part = loss.ukwh();
        }
        return Ok(parts);
    }
    let (mut seen, mut placed) = (0_i64, 0_i64);
    for (part, energy) in parts.iter_mut().zip(by_column) {
        seen += energy; // never beyond the total, which fits
        let product = i128::from(loss.ukwh()) * i128::from(seen);
        let cut = div_round(product, i128::from(total), RoundingMode::HalfUp);
        let cut = cut.and_then(|c| i64::try_from(c).ok()).ok_or(OVER)?;
        *part = cut - placed;
        placed = cut;
    }
    Ok(parts)
}
