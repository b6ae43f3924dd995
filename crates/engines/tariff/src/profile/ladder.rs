//! Ladders of energy prices: which step of which period a kilowatt-hour falls on, given what the
//! month has used before. Limits per kilowatt become kilowatt-hours here, once the billing demand
//! of the month is known.

use kernel::{RoundingMode, div_round};

use crate::{Step, TierUnit};

/// A limit that nothing reaches, in 1e-6 kWh.
pub(super) const NO_LIMIT: i64 = i64::MAX;

/// The month's use is cut at every limit of every period into segments; within a segment each
/// period has one price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ladder {
    /// Upper end of each segment in 1e-6 kWh, rising, the last [`NO_LIMIT`].
    pub upper_ukwh: Vec<i64>,
    /// `step_of[segment * columns + column]`: the step of that column's ladder.
    pub step_of: Vec<u8>,
    /// How many periods (columns of the plan) there are.
    pub columns: usize,
}

impl Ladder {
    /// From each column's own limits; a column that the month does not use has none.
    ///
    /// # Errors
    /// A sentence when the limits of a column do not rise.
    pub fn from_limits(limits: &[Vec<i64>]) -> Result<Self, String> {
        for (column, own) in limits.iter().enumerate() {
            if own.windows(2).any(|w| w[0] >= w[1]) || own.first().is_some_and(|&l| l <= 0) {
                return Err(format!(
                    "the tier limits of period {column} must be positive and rise"
                ));
            }
        }
        let mut upper: Vec<i64> = limits.iter().flatten().copied().collect();
        upper.push(NO_LIMIT);
        upper.sort_unstable();
        upper.dedup();
        let mut step_of = Vec::with_capacity(upper.len() * limits.len());
        for segment_upper in &upper {
            for own in limits {
                let step = own.iter().position(|limit| limit >= segment_upper).unwrap_or_default();
                step_of.push(u8::try_from(step).map_err(|_| "more than 255 tiers".to_owned())?);
            }
        }
        Ok(Self { upper_ukwh: upper, step_of, columns: limits.len() })
    }

    /// From one list of (limit, step) that all columns share.
    fn shared(list: &[(i64, u8)], columns: usize) -> Self {
        let step_of = list.iter().flat_map(|&(_, s)| std::iter::repeat_n(s, columns)).collect();
        Self { upper_ukwh: list.iter().map(|&(limit, _)| limit).collect(), step_of, columns }
    }

    /// The step that a column is on in a segment.
    pub fn step(&self, segment: usize, column: usize) -> usize {
        usize::from(self.step_of[segment * self.columns + column])
    }

    /// Splits a period's energy over the segments in proportion to where the month's `total`
    /// lies, as monthly netting does: what a segment gets of the total, each period gets of its
    /// own energy. The parts add up to `energy` exactly.
    pub fn share(&self, energy: i64, total: i64, parts: i64) -> Option<Vec<i64>> {
        let mut before = 0;
        let mut shares = Vec::with_capacity(self.upper_ukwh.len());
        for &upper in &self.upper_ukwh {
            let reached = upper.saturating_mul(parts).min(total);
            let upto = i128::from(energy).checked_mul(i128::from(reached))?;
            let upto = div_round(upto, i128::from(total), RoundingMode::HalfUp)?;
            let upto = i64::try_from(upto).ok()?;
            shares.push(upto - before);
            before = upto;
        }
        Some(shares)
    }
}

/// Whether a unit counts kilowatt-hours per kilowatt of billing demand.
pub(super) const fn is_per_kw(unit: TierUnit) -> bool {
    matches!(unit, TierUnit::KwhPerKw | TierUnit::KwhPerKwDaily)
}

/// The limit of a step in 1e-6 kWh (or 1e-6 kWh per kW) for a month of so many days.
pub(super) fn month_limit(step: &Step, days: u8) -> i64 {
    let daily = matches!(step.unit, TierUnit::KwhDaily | TierUnit::KwhPerKwDaily);
    let times = if daily { i64::from(days) } else { 1 };
    step.limit_e6.map_or(NO_LIMIT, |limit| limit.saturating_mul(times))
}

/// The ladder of a month whose first step counts per kilowatt, once the billing demand is known.
///
/// A step per kilowatt opens a block that reaches to its limit × demand. Steps in plain
/// kilowatt-hours that follow it divide the block, and the block's own price is then not used; a
/// plain step beyond the block's end is cut off there.
///
/// # Errors
/// A sentence when the resulting limits do not rise.
pub(super) fn demand_ladder(
    steps: &[Step],
    days: u8,
    billing_demand_ukw: i64,
    columns: usize,
) -> Result<Ladder, String> {
    let mut list: Vec<(i64, u8)> = Vec::with_capacity(steps.len());
    let mut block_ukwh = 0;
    for (index, step) in steps.iter().enumerate() {
        let number = u8::try_from(index).map_err(|_| "more than 255 tiers".to_owned())?;
        let limit = month_limit(step, days);
        if is_per_kw(step.unit) {
            block_ukwh = per_kw(limit, billing_demand_ukw);
            let divided = steps.get(index + 1).is_some_and(|next| !is_per_kw(next.unit));
            if !divided {
                list.push((block_ukwh, number));
            }
        } else if limit < block_ukwh {
            list.push((limit, number));
        } else if list.last().is_none_or(|&(last, _)| last < block_ukwh) {
            list.push((block_ukwh, number));
        }
    }
    if billing_demand_ukw == 0 {
        // No demand is billed: every block is empty, so that all energy is on the last step.
        list = list.last().map(|&(_, step)| (NO_LIMIT, step)).into_iter().collect();
    }
    if list.last().is_none_or(|&(limit, _)| limit != NO_LIMIT) {
        return Err("the last tier per kW must have no limit".to_owned());
    }
    if list.windows(2).any(|w| w[0].0 >= w[1].0) {
        return Err("the tier limits per kW must rise".to_owned());
    }
    Ok(Ladder::shared(&list, columns))
}

fn per_kw(limit_e6: i64, demand_ukw: i64) -> i64 {
    if limit_e6 == NO_LIMIT {
        return NO_LIMIT;
    }
    let product = i128::from(limit_e6) * i128::from(demand_ukw);
    div_round(product, 1_000_000, RoundingMode::HalfUp)
        .and_then(|v| i64::try_from(v).ok())
        .unwrap_or(NO_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Price;
    use proptest::prelude::*;

    fn step(limit: Option<i64>, unit: TierUnit) -> Step {
        Step { limit_e6: limit.map(|l| l * 1_000_000), unit, rate: Price::ZERO, sell: None }
    }

    /// The shape of a Georgia Power rate: a first block of 200 kWh per kW divided into four
    /// kWh steps, then blocks to 400, 600 and without end.
    #[test]
    fn plain_steps_divide_the_block_before_them() {
        use TierUnit::{Kwh, KwhPerKw};
        let steps = [
            step(Some(200), KwhPerKw),
            step(Some(3_000), Kwh),
            step(Some(10_000), Kwh),
            step(Some(200_000), Kwh),
            step(None, Kwh),
            step(Some(400), KwhPerKw),
            step(Some(600), KwhPerKw),
            step(None, KwhPerKw),
        ];
        let ladder = demand_ladder(&steps, 31, 709_260_000, 2).unwrap();
        let kwh: Vec<i64> = ladder.upper_ukwh.iter().map(|l| l / 1_000_000).collect();
        assert_eq!(kwh[..5], [3_000, 10_000, 141_852, 283_704, 425_556]);
        let order: Vec<usize> = (0..6).map(|s| ladder.step(s, 1)).collect();
        assert_eq!(order, [1, 2, 3, 5, 6, 7]);
    }

    #[test]
    fn unequal_limits_cut_the_month_for_everyone() {
        let ladder = Ladder::from_limits(&[vec![100, NO_LIMIT], vec![], vec![40, 300, NO_LIMIT]]);
        let ladder = ladder.unwrap();
        assert_eq!(ladder.upper_ukwh, [40, 100, 300, NO_LIMIT]);
        let steps = |c: usize| (0..4).map(|s| ladder.step(s, c)).collect::<Vec<_>>();
        assert_eq!(steps(0), [0, 0, 1, 1]);
        assert_eq!(steps(2), [0, 1, 1, 2]);
        assert!(Ladder::from_limits(&[vec![100, 100]]).is_err());
        assert!(Ladder::from_limits(&[vec![0, 100]]).is_err());
    }

    proptest! {
        #[test]
        fn shares_add_up_to_the_energy(
            energies in prop::collection::vec(0_i64..1_000_000_000_000, 1..6),
            first in 1_i64..1_000_000_000_000, more in 1_i64..1_000_000_000_000,
        ) {
            let total: i64 = energies.iter().sum();
            prop_assume!(total > 0);
            let limits = vec![vec![first, first + more, NO_LIMIT]; energies.len()];
            let ladder = Ladder::from_limits(&limits).unwrap();
            for energy in energies {
                let shares = ladder.share(energy, total, 1).unwrap();
                prop_assert_eq!(shares.iter().sum::<i64>(), energy);
                prop_assert!(shares.iter().all(|&s| s >= 0));
            }
        }
    }
}
