//! The integer form of a tariff's daily rule for the plainest case: one rate per bucket and one
//! adder per tier of the year. It serves the file-to-file job, where no plan per row is looked
//! up; the nightly run asks the plan itself.

use kernel::{Date, QuantityError, Rounding, div_round};
use tariff::{Bucket, Plan, Scheme, TierBasis};

use crate::LakeError;

/// Above this use of one day, or this rate, the checked way in 128 bits is taken.
const FAST_USE: i64 = 1_000_000_000;
const FAST_RATE: i64 = 1_000_000_000;

/// Rates per bucket and adders per tier, in 1e-8 of the currency per kWh, for registers in
/// 0.01 kWh and amounts in 0.01 of the currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyRates {
    bucket_e8: [i64; 5],
    /// `(from, adder)`: what each 0.01 kWh beyond `from` costs more than the one before it.
    steps: Vec<(i64, i64)>,
    rounding: Rounding,
    fast: bool,
}

impl DailyRates {
    /// A rule of one rate per bucket (sharp, peak, flat, valley, deep) in 1e-8 per kWh, and of
    /// tiers `(from_0.01kWh, adder_e8 relative to the tier below)`.
    ///
    /// # Errors
    /// When the rounding step is not whole hundredths of the currency.
    pub fn new(
        bucket_e8: [i64; 5],
        steps: Vec<(i64, i64)>,
        rounding: Rounding,
    ) -> Result<Self, LakeError> {
        if rounding.step <= 0 || rounding.step % 100 != 0 {
            return Err(LakeError::Invalid(
                "the daily charge must be rounded to whole hundredths of the currency".into(),
            ));
        }
        let rates = bucket_e8.iter().chain(steps.iter().map(|(_, adder)| adder));
        let sum = rates.fold(0_i64, |sum, r| sum.saturating_add(r.saturating_abs()));
        Ok(Self { bucket_e8, steps, rounding, fast: sum <= FAST_RATE })
    }

    /// The rule of a plan on a date: one price per bucket, adders per tier of the year.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a plan of another shape: a price per tier and bucket, a ladder
    /// by the month, limits finer than 0.01 kWh.
    pub fn of(plan: &Plan, date: Date) -> Result<Self, LakeError> {
        let wrong = |why: &str| LakeError::Invalid(format!("tariff {}: {why}", plan.head.id));
        let set = plan.sets.get(plan.set_on(date)).ok_or_else(|| wrong("no price on the day"))?;
        let Scheme::Adders { rates, limits, adders } = &set.scheme else {
            return Err(wrong("this job needs one price per register and adders per tier"));
        };
        if plan.tier_basis != TierBasis::Year && !limits.is_empty() {
            return Err(wrong("this job needs tiers of the year"));
        }
        let mut bucket_e8 = [0_i64; 5];
        for (slot, (bucket, _)) in bucket_e8.iter_mut().zip(Bucket::NAMED) {
            *slot = rates.get(plan.column_of(bucket)).map_or(0, |rate| rate.e8());
            for surcharge in &plan.surcharges {
                let sum = slot.checked_add(surcharge.rate.e8());
                *slot = sum.ok_or(QuantityError::Overflow("price"))?;
            }
        }
        let mut steps = Vec::with_capacity(limits.len());
        let mut below = 0;
        for (limit, adder) in limits.iter().zip(adders) {
            if limit.ukwh() % 10_000 != 0 {
                return Err(wrong("a tier limit is finer than 0.01 kWh"));
            }
            steps.push((limit.ukwh() / 10_000, adder.e8() - below));
            below = adder.e8();
        }
        Self::new(bucket_e8, steps, plan.rounding.daily)
    }

    /// The charge of one day in 0.01 of the currency.
    ///
    /// `ytd`: 0.01 kWh used in the tariff year before this day; `used`: per bucket; `total`:
    /// their sum.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    #[inline]
    pub fn charge(&self, ytd: i64, used: [i64; 5], total: i64) -> Result<i64, LakeError> {
        if !(self.fast && (0..=FAST_USE).contains(&total)) {
            return self.charge_wide(ytd, used, total);
        }
        // At most 1e9 × 1e9 in all: no step here can overflow.
        let mut exact_e10 = 0;
        for (rate, used) in self.bucket_e8.iter().zip(used) {
            exact_e10 += rate * used;
        }
        let after = ytd + total;
        for (from, adder) in &self.steps {
            exact_e10 += adder * ((after - from).max(0) - (ytd - from).max(0));
        }
        let step = self.rounding.step / 100;
        if step == 1 && self.rounding.mode == kernel::RoundingMode::HalfUp && exact_e10 >= 0 {
            return Ok((exact_e10 + 50_000_000) / 100_000_000);
        }
        self.round(i128::from(exact_e10))
    }

    #[cold]
    fn charge_wide(&self, ytd: i64, used: [i64; 5], total: i64) -> Result<i64, LakeError> {
        let (ytd, total) = (i128::from(ytd), i128::from(total));
        let mut exact_e10 = 0_i128;
        for (rate, used) in self.bucket_e8.iter().zip(used) {
            exact_e10 += i128::from(*rate) * i128::from(used);
        }
        for (from, adder) in &self.steps {
            let from = i128::from(*from);
            let beyond = (ytd + total - from).max(0) - (ytd - from).max(0);
            exact_e10 += i128::from(*adder) * beyond;
        }
        self.round(exact_e10)
    }

    fn round(&self, exact_e10: i128) -> Result<i64, LakeError> {
        let step = i128::from(self.rounding.step / 100);
        div_round(exact_e10, step * 100_000_000, self.rounding.mode)
            .and_then(|steps| steps.checked_mul(step))
            .and_then(|fen| i64::try_from(fen).ok())
            .ok_or(LakeError::Quantity(QuantityError::Overflow("daily charge")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::RoundingMode;
    use proptest::prelude::*;

    fn rates() -> DailyRates {
        let steps = vec![(276_000, 5_000_000), (480_000, 25_000_000)];
        let bucket = [102_180_000, 84_180_000, 55_800_000, 33_800_000, 0];
        DailyRates::new(bucket, steps, Rounding::FEN).unwrap()
    }

    /// 10 kWh that cross 2 760 kWh after 4: 4 × 0.558 + 6 × 0.608 = 5.88.
    #[test]
    fn a_day_that_crosses_a_tier_pays_both_rates() {
        assert_eq!(rates().charge(275_600, [0, 0, 1_000, 0, 0], 1_000).unwrap(), 588);
        assert_eq!(rates().charge(0, [0; 5], 0).unwrap(), 0);
    }

    #[test]
    fn a_step_below_a_fen_is_refused() {
        let odd = Rounding { mode: RoundingMode::HalfUp, step: 1 };
        assert!(DailyRates::new([0; 5], vec![], odd).is_err());
    }

    #[test]
    fn the_benchmark_tariff_compiles_to_these_integers() {
        let library = tariff::bundled::library().unwrap();
        let plan = library.plans().iter().find(|p| p.head.id == "bench/four-register").unwrap();
        let mut expected = rates();
        // A fifth register, deep valley, counts as valley.
        expected.bucket_e8[4] = expected.bucket_e8[3];
        assert_eq!(
            DailyRates::of(plan, Date::constant(2026, 6, 1)).unwrap(),
            DailyRates::new(expected.bucket_e8, expected.steps, expected.rounding).unwrap()
        );
        let other = library.plans().iter().find(|p| p.head.id == "shandong/residential").unwrap();
        assert!(DailyRates::of(other, Date::constant(2026, 6, 1)).is_err());
    }

    proptest! {
        #[test]
        fn the_quick_way_equals_the_wide_way(
            ytd in 0_i64..1_000_000, used in proptest::array::uniform5(0_i64..200_000),
            rate in -100_000_000_i64..100_000_000,
        ) {
            let mut plan = rates();
            plan.bucket_e8[1] = rate;
            let total = used.iter().sum();
            prop_assert_eq!(
                plan.charge(ytd, used, total).unwrap(),
                plan.charge_wide(ytd, used, total).unwrap()
            );
        }
    }
}
