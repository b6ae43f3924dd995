//! A customer with generation over one or many years: the bill without it and the bill with it,
//! by the plan's export terms.

use super::bill::{MonthBill, YearBill};
use super::intervals::IntervalTerms;
use super::load::steps_per_hour;
use super::{ExactAmount, Factor, HourlyForm, LoadProfile, Price, ProfileError};
use crate::ExportRule;

/// What one year hands to the next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Carry {
    /// December's surplus by period, in interval-power units.
    pub surplus: Vec<i64>,
    /// Surplus energy that waits, in interval-power units.
    pub excess_ticks: i64,
    /// Credits that wait.
    pub excess_amount: ExactAmount,
    /// The year's peaks in 1e-6 kW, for ratchets.
    pub peaks: [i64; 12],
}

/// Prices that change with every interval of the year, in place of the plan's ladders: hourly, or
/// as fine as the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PriceSeries<'a> {
    /// For energy drawn, per kWh.
    pub buy: Option<&'a [Price]>,
    /// For energy delivered, per kWh.
    pub sell: Option<&'a [Price]>,
}

/// What a customer with generation is billed on.
#[derive(Debug, Clone, Copy)]
pub struct SystemCase<'a> {
    /// The first year's load.
    pub load: &'a LoadProfile,
    /// Generation: one series for each year, or one for all.
    pub generation: &'a [LoadProfile],
    /// How each year's generation is scaled (ageing); one factor per year.
    pub generation_factors: &'a [Factor],
    /// How each year's load is scaled; one factor per year. Its length is the number of years.
    pub load_factors: &'a [Factor],
    /// How each year's prices are scaled; one factor per year.
    pub price_factors: &'a [Factor],
    /// Prices by interval, where the rate has them.
    pub series: PriceSeries<'a>,
    /// The monthly peaks of the year before, in 1e-6 kW, that a ratchet looks back on.
    pub peaks_before_ukw: [i64; 12],
}

/// The bills of every year, with and without the generation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemBills {
    /// As if there were no generation.
    pub without: Vec<YearBill>,
    /// As metered.
    pub with: Vec<YearBill>,
}

impl HourlyForm {
    /// Rates a customer with generation by the plan's export terms.
    ///
    /// # Errors
    /// [`ProfileError::Unsupported`] for a plan without export terms, or for price series under
    /// net metering; [`ProfileError::Mismatch`], [`ProfileError::Length`],
    /// [`ProfileError::TooLarge`], [`ProfileError::Ladder`].
    pub fn rate_system(&self, case: &SystemCase<'_>) -> Result<SystemBills, ProfileError> {
        let export = self.export.ok_or_else(|| self.unsupported("it has no export terms"))?;
        let by_month =
            matches!(export.rule, ExportRule::NetMetering | ExportRule::NetMeteringCredits);
        if by_month && (case.series.buy.is_some() || case.series.sell.is_some()) {
            return Err(self.unsupported("net metering has no prices by the interval"));
        }
        let steps = check_lengths(case)?;
        let load = case.load.spread(steps)?;
        let start = Carry { peaks: case.peaks_before_ukw, ..Carry::default() };
        let (mut alone, mut metered) = (start.clone(), start);
        let mut bills = SystemBills::default();
        for (year, &growth) in case.load_factors.iter().enumerate() {
            let own = scaled(&load, growth)?;
            let generation = case.generation.get(year).or_else(|| case.generation.first());
            let generation = generation.ok_or_else(|| missing("generation"))?;
            let generated = scaled(generation, case.generation_factors[year])?;
            let factor = case.price_factors[year];
            let terms = IntervalTerms {
                export: Some(&export),
                series: case.series,
                factor,
                generation_meter: None,
            };
            let settle = |net: &LoadProfile, carry: &mut Carry| {
                if by_month {
                    self.settle_by_month(net, &export, factor, year == 0, carry)
                } else {
                    self.settle_by_interval(net, &terms, carry)
                }
            };
            let without = settle(&own, &mut alone)?;
            let with = if export.rule == ExportRule::BuyAllSellAll {
                let billing: [i64; 12] =
                    std::array::from_fn(|m| without.months[m].billing_demand_ukw);
                let terms = IntervalTerms { generation_meter: Some(&billing), ..terms };
                let sold =
                    self.settle_by_interval(&minus(None, &generated)?, &terms, &mut metered)?;
                sum_of_meters(&without, sold)?
            } else {
                settle(&minus(Some(&own), &generated)?, &mut metered)?
            };
            bills.without.push(without);
            bills.with.push(with);
        }
        Ok(bills)
    }

    fn unsupported(&self, reason: &str) -> ProfileError {
        ProfileError::Unsupported { tariff: self.tariff.clone(), reason: reason.to_owned() }
    }
}

fn missing(what: &'static str) -> ProfileError {
    ProfileError::Mismatch { what, reason: "there is none for the first year".to_owned() }
}

/// Checks the lengths of everything in a case; gives the intervals of an hour.
fn check_lengths(case: &SystemCase<'_>) -> Result<usize, ProfileError> {
    let first = case.generation.first().ok_or_else(|| missing("generation"))?;
    let steps = steps_per_hour("generation", first.power_ukw().len())?;
    if case.generation.iter().any(|g| g.steps_per_hour() != steps) {
        let reason = "the years have different numbers of values".to_owned();
        return Err(ProfileError::Mismatch { what: "generation", reason });
    }
    let years = case.load_factors.len();
    let factors = [case.generation_factors.len(), case.price_factors.len()];
    if factors.iter().any(|&n| n != years)
        || !matches!(case.generation.len(), 1) && case.generation.len() < years
    {
        let reason = format!("give one value for each of the {years} years");
        return Err(ProfileError::Mismatch { what: "factors or generation", reason });
    }
    for series in [case.series.buy, case.series.sell].into_iter().flatten() {
        let own = steps_per_hour("price series", series.len())?;
        if own != 1 && own != steps {
            let reason = format!("{own} values an hour beside {steps} of the generation");
            return Err(ProfileError::Mismatch { what: "price series", reason });
        }
    }
    Ok(steps)
}

fn scaled(profile: &LoadProfile, factor: Factor) -> Result<LoadProfile, ProfileError> {
    if factor == Factor::ONE {
        return Ok(profile.clone());
    }
    let scale = |&v: &i64| factor.apply(i128::from(v)).and_then(|v| i64::try_from(v).ok());
    let power = profile.power_ukw().iter().map(scale).collect::<Option<Vec<_>>>();
    LoadProfile::from_ukw(power.ok_or(ProfileError::TooLarge { what: "escalated load" })?)
}

/// Load minus generation; without a load, nothing minus generation.
fn minus(
    load: Option<&LoadProfile>,
    generation: &LoadProfile,
) -> Result<LoadProfile, ProfileError> {
    let generated = generation.power_ukw();
    LoadProfile::from_ukw(match load {
        Some(load) => load.power_ukw().iter().zip(generated).map(|(l, g)| l - g).collect(),
        None => generated.iter().map(|g| -g).collect(),
    })
}

/// The bill of two meters: the load's, and the generation's beside it.
fn sum_of_meters(load: &YearBill, generation: YearBill) -> Result<YearBill, ProfileError> {
    let mut both = generation;
    for (own, theirs) in both.months.iter_mut().zip(&load.months) {
        let sum = MonthBill {
            energy: own.energy.plus(theirs.energy)?,
            tou_demand: own.tou_demand.plus(theirs.tou_demand)?,
            flat_demand: own.flat_demand.plus(theirs.flat_demand)?,
            fixed: theirs.fixed,
            minimum: theirs.minimum,
            total: own.total.plus(theirs.total)?,
            credit: theirs.credit,
            true_up: theirs.true_up,
            sold: own.sold,
            peak_ukw: theirs.peak_ukw,
            billing_demand_ukw: theirs.billing_demand_ukw,
            demand: [theirs.demand.clone(), std::mem::take(&mut own.demand)].concat(),
            cells: theirs.cells.clone(),
            delivered: std::mem::take(&mut own.delivered),
        };
        *own = sum;
    }
    for (own, theirs) in both.intervals.iter_mut().zip(&load.intervals) {
        *own = own.plus(*theirs)?;
    }
    Ok(both)
}
