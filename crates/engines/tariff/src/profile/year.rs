//! Rating a year of use without generation, fast: one pass for the peaks, one for the energy.
//!
//! Energy climbs the month's ladder in the order in which it is used; each kilowatt-hour costs
//! what its period asks on the step that the month's total has reached.

use std::borrow::Cow;

use super::bill::{DemandCell, EnergyCell, MonthBill, YearBill, energy_ukwh};
use super::climb::{highest_by_hour, parts};
use super::form::{DemandForm, MAX_PERIODS, MonthTiers};
use super::ladder::{Ladder, demand_ladder};
use super::{ExactAmount, Factor, HourlyForm, LoadProfile, Price, ProfileError};
use crate::{DemandStep, Step};

/// Peaks of one month in 1e-6 kW, never below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peaks {
    /// Whenever it was.
    pub flat: i64,
    /// Within each demand period.
    pub by_period: [i64; MAX_PERIODS],
    /// The demand period of the highest; only found where a rate charges that one alone.
    pub period_of_flat: Option<u8>,
}

/// The demand side of a year.
pub(super) struct YearDemand {
    /// The measured peaks.
    pub peaks: [Peaks; 12],
    /// What is billed, in 1e-6 kW.
    pub billing: [i64; 12],
    /// The peaks that next year's ratchet looks back on.
    pub remembered: [i64; 12],
}

impl HourlyForm {
    /// Rates a year of use. Where the load delivers to the grid, that energy is credited at the
    /// sell prices interval by interval.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`], [`ProfileError::Ladder`], [`ProfileError::Length`].
    pub fn rate(&self, load: &LoadProfile) -> Result<YearBill, ProfileError> {
        self.rate_after(load, &[0; 12])
    }

    /// As [`HourlyForm::rate`], for a rate whose billing demand looks back on the monthly peaks of
    /// the year before, in 1e-6 kW, January first.
    ///
    /// # Errors
    /// As [`HourlyForm::rate`].
    pub fn rate_after(
        &self,
        load: &LoadProfile,
        peaks_before_ukw: &[i64; 12],
    ) -> Result<YearBill, ProfileError> {
        if load.steps_per_hour() == 0 {
            return Err(ProfileError::Length { what: "load", count: 0 });
        }
        if load.delivers() {
            return self.rate_delivering(load, peaks_before_ukw);
        }
        let demand = self.year_demand(load, peaks_before_ukw)?;
        let mut year = YearBill::default();
        for (m, (bill, ticks)) in year.months.iter_mut().zip(self.month_slices(load)).enumerate() {
            let ladder = self.ladder(m, demand.billing[m])?;
            let ticks_on = self.climb(m, ticks, load.steps_per_hour(), &ladder);
            bill.cells = self.cells(&ladder, &ticks_on, load.steps_per_hour(), Factor::ONE)?;
            bill.energy = ExactAmount::sum(bill.cells.iter().map(|c| c.amount))?;
            self.charge_demand(m, &demand, Factor::ONE, bill)?;
        }
        self.close(&mut year, Factor::ONE)?;
        Ok(year)
    }

    /// The intervals of each month.
    pub(super) fn month_slices<'l>(
        &'l self,
        load: &'l LoadProfile,
    ) -> impl Iterator<Item = &'l [i64]> + 'l {
        let mut rest = load.power_ukw();
        self.months.iter().map(move |month| {
            let count = usize::from(month.days) * 24 * load.steps_per_hour();
            let (own, after) = rest.split_at(count.min(rest.len()));
            rest = after;
            own
        })
    }

    /// Peaks and billing demands of a year, given last year's peaks.
    pub(super) fn year_demand(
        &self,
        load: &LoadProfile,
        last_year: &[i64; 12],
    ) -> Result<YearDemand, ProfileError> {
        let none = Peaks { flat: 0, by_period: [0; MAX_PERIODS], period_of_flat: None };
        let single_peak = self.demand.as_ref().is_some_and(|demand| demand.single_peak);
        let mut year = YearDemand { peaks: [none; 12], billing: [0; 12], remembered: [0; 12] };
        for ((month, ticks), peaks) in
            self.months.iter().zip(self.month_slices(load)).zip(&mut year.peaks)
        {
            let highest = highest_by_hour(month, ticks, load.steps_per_hour());
            for (periods, highest) in month.demand_hours.iter().zip(&highest) {
                for (&period, &high) in periods.iter().zip(highest) {
                    let slot = &mut peaks.by_period[usize::from(period) % MAX_PERIODS];
                    *slot = high.max(*slot);
                }
            }
            peaks.flat = highest.as_flattened().iter().fold(0, |high, &v| high.max(v));
            if single_peak && peaks.flat > 0 {
                peaks.period_of_flat =
                    month.demand_period_of(peaks.flat, ticks, load.steps_per_hour());
            }
        }
        let flagged = |demand: &DemandForm, peaks: &Peaks| {
            let own = demand.lookback_periods.iter().zip(&peaks.by_period);
            own.filter(|(flag, _)| **flag).fold(0, |high, (_, &v)| high.max(v))
        };
        for m in 0..12 {
            year.billing[m] = year.peaks[m].flat;
            year.remembered[m] = match &self.demand {
                Some(demand) if !demand.periods.is_empty() => flagged(demand, &year.peaks[m]),
                _ => year.peaks[m].flat,
            };
        }
        if let Some(lookback) = self.demand.as_ref().and_then(|d| d.lookback.as_ref()) {
            for m in 0..12 {
                year.billing[m] = lookback.billing_demand(m, &year.remembered, last_year)?;
            }
        }
        Ok(year)
    }

    /// The month's ladder, once its billing demand is known.
    pub(super) fn ladder(
        &self,
        month: usize,
        billing_ukw: i64,
    ) -> Result<Cow<'_, Ladder>, ProfileError> {
        let form = &self.months[month];
        match form.tiers {
            MonthTiers::Fixed(ref ladder) => Ok(Cow::Borrowed(ladder)),
            MonthTiers::PerKw(column) => {
                demand_ladder(&self.steps[column], form.days, billing_ukw, self.steps.len())
                    .map(Cow::Owned)
                    .map_err(|reason| self.ladder_error(month, reason))
            }
        }
    }

    /// The non-empty cells of a month from interval-power sums per segment and column.
    pub(super) fn cells(
        &self,
        ladder: &Ladder,
        ticks_on: &[i64],
        steps: usize,
        factor: Factor,
    ) -> Result<Vec<EnergyCell>, ProfileError> {
        self.priced_cells(ladder, ticks_on, steps, factor, |step| step.rate)
    }

    /// As [`Self::cells`], with the price of a step chosen by the caller.
    pub(super) fn priced_cells(
        &self,
        ladder: &Ladder,
        ticks_on: &[i64],
        steps: usize,
        factor: Factor,
        price_of: impl Fn(&Step) -> Price,
    ) -> Result<Vec<EnergyCell>, ProfileError> {
        let parts = parts(steps);
        let mut cells: Vec<EnergyCell> = Vec::with_capacity(ticks_on.len());
        for (column, own) in self.steps.iter().enumerate() {
            let mut ticks = 0_i64;
            for segment in 0..ladder.upper_ukwh.len() {
                ticks += ticks_on[segment * ladder.columns + column];
                let step = ladder.step(segment, column);
                let last_of_step = segment + 1 == ladder.upper_ukwh.len()
                    || ladder.step(segment + 1, column) != step;
                if !last_of_step || ticks == 0 {
                    continue;
                }
                if let Some(chosen) = own.get(step) {
                    let price = price_of(chosen);
                    let amount = price.of(ticks, parts)?.times(factor)?;
                    let energy_ukwh = energy_ukwh(ticks, parts)?;
                    cells.push(EnergyCell { period: column, step, energy_ukwh, price, amount });
                }
                ticks = 0;
            }
        }
        Ok(cells)
    }

    /// Puts the demand charges of a month into its bill.
    pub(super) fn charge_demand(
        &self,
        month: usize,
        year: &YearDemand,
        factor: Factor,
        bill: &mut MonthBill,
    ) -> Result<(), ProfileError> {
        bill.peak_ukw = year.peaks[month].flat;
        bill.billing_demand_ukw = year.billing[month];
        let Some(demand) = &self.demand else { return Ok(()) };
        let cells = &mut bill.demand;
        bill.flat_demand =
            climb_demand(cells, None, &demand.flat[month], year.billing[month], factor)?;
        for &number in &self.months[month].demand_periods {
            // A month without a draw has no peak: a least billing demand is then due in each period.
            if year.peaks[month].period_of_flat.is_some_and(|own| own != number) {
                continue;
            }
            let period = usize::from(number);
            let Some(steps) = demand.periods.get(period) else { continue };
            let ukw = if demand.single_peak || demand.lookback_periods[period] {
                year.billing[month]
            } else {
                year.peaks[month].by_period[period]
            };
            let charge = climb_demand(cells, Some(period), steps, ukw, factor)?;
            bill.tou_demand = bill.tou_demand.plus(charge)?;
        }
        Ok(())
    }

    /// Adds the fixed charge and the minimums, and sums each month.
    ///
    /// A month below the monthly minimum is topped up to it; December also tops the year up to
    /// the yearly minimum, measured before the monthly top-ups. A negative month counts as none.
    pub(super) fn close(&self, year: &mut YearBill, factor: Factor) -> Result<(), ProfileError> {
        let fixed = self.fixed.once()?.times(factor)?;
        let least = self.minimum_of_month.once()?.times(factor)?;
        let mut so_far = ExactAmount::ZERO;
        for (m, bill) in year.months.iter_mut().enumerate() {
            bill.fixed = fixed;
            let parts = [bill.energy, bill.tou_demand, bill.flat_demand, bill.fixed];
            let due = ExactAmount::sum(parts)?;
            bill.minimum = least.minus(due.or_zero())?.or_zero();
            so_far = so_far.plus(due.or_zero())?;
            if m == 11 {
                let least_of_year = self.minimum_of_year.once()?.times(factor)?;
                bill.minimum = bill.minimum.plus(least_of_year.minus(so_far)?.or_zero())?;
            }
            bill.total = due.plus(bill.minimum)?.minus(bill.true_up)?;
        }
        Ok(())
    }
}

/// Adds the cells of a demand in 1e-6 kW that climbs steps; gives their charge.
fn climb_demand(
    cells: &mut Vec<DemandCell>,
    period: Option<usize>,
    steps: &[DemandStep],
    ukw: i64,
    factor: Factor,
) -> Result<ExactAmount, ProfileError> {
    let mut lower = 0;
    let mut charge = ExactAmount::ZERO;
    for (step, DemandStep { limit_ukw, rate }) in steps.iter().enumerate() {
        let upper = limit_ukw.map_or(ukw, |limit| limit.min(ukw));
        if upper > lower && *rate != Price::ZERO {
            let demand_ukw = upper - lower;
            let amount = rate.of(demand_ukw, 1)?.times(factor)?;
            charge = charge.plus(amount)?;
            cells.push(DemandCell { period, step, demand_ukw, price: *rate, amount });
        }
        lower = upper;
    }
    Ok(charge)
}
