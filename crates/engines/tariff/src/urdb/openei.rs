//! The JSON of the US Utility Rate Database (OpenEI, API version 8) into a [`Plan`].
//!
//! Hours, periods and tiers are taken as the database documents them; `rate` and `adj` add up.
//! What the format can say but an hourly bill cannot charge comes back as notes, in words.

use serde::Deserialize;

use super::UrdbError;
use super::file::{File, Rows, Tier};
use super::tables::{RateTables, Schedule, check_open_end, limit_e6, price, schedule};
use crate::profile::{Decimal, Price};
use crate::{DemandStep, ExportRule, ExportTerms, FlatDemand, Lookback, Plan, Step, TierUnit};

/// A rate read from the database: the plan, and what of the file it does not charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrdbRate {
    /// The plan.
    pub plan: Plan,
    /// One sentence for each part of the file that is not charged.
    pub notes: Vec<String>,
}

/// Reads a rate: the object itself, or an API answer with exactly one item.
///
/// # Errors
/// [`UrdbError::Json`] with line and column, [`UrdbError::Value`] with the path of what cannot be
/// billed and why, [`UrdbError::Tariff`].
pub fn read_rate(text: &str) -> Result<UrdbRate, UrdbError> {
    #[derive(Deserialize)]
    struct Answer {
        items: Option<Vec<File>>,
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file = match serde_json::from_str::<Answer>(body)?.items {
        None => serde_json::from_str(body)?,
        Some(mut items) => match (items.pop(), items.len()) {
            (Some(file), 0) => file,
            (_, more) => {
                let reason = format!("{more} more rates in one file: split it, one rate each");
                return Err(UrdbError::value("items", reason));
            }
        },
    };
    let notes = file.notes();
    let plan = tables(&file)?.into_plan(text)?;
    Ok(UrdbRate { plan, notes })
}

fn tables(file: &File) -> Result<RateTables, UrdbError> {
    let structure = file.energyratestructure.as_ref().ok_or_else(|| {
        let reason = "it is missing: only the API form (version 8) is read, not the bulk download";
        UrdbError::value("energyratestructure", reason)
    })?;
    let energy = (0_i64..)
        .zip(structure)
        .enumerate()
        .map(|(p, (number, tiers))| Ok((number, energy_steps(p, tiers)?)))
        .collect::<Result<Vec<_>, UrdbError>>()?;
    let demand = match &file.demandratestructure {
        Some(periods) => {
            check_kilowatts("demandrateunit", file.demandrateunit.as_deref())?;
            demand_ladders("demandratestructure", periods)?
        }
        None => Vec::new(),
    };
    let demand_schedules = if demand.is_empty() {
        None
    } else {
        let rows = [&file.demandweekdayschedule, &file.demandweekendschedule];
        Some(both_schedules(
            ["demandweekdayschedule", "demandweekendschedule"],
            rows,
            demand.len(),
        )?)
    };
    let lookback = lookback(file)?;
    let fixed = file.fixedchargefirstmeter.unwrap_or_default();
    let minimum = file.mincharge.unwrap_or_default();
    let (minimum_per_month, minimum_per_year) = match file.minchargeunits.as_deref() {
        Some("$/year") => (Price::ZERO, price("mincharge", minimum)?),
        units => (per_month("mincharge", minimum, "minchargeunits", units)?, Price::ZERO),
    };
    Ok(RateTables {
        origin: file.origin(),
        energy_schedules: both_schedules(
            ["energyweekdayschedule", "energyweekendschedule"],
            [&file.energyweekdayschedule, &file.energyweekendschedule],
            energy.len(),
        )?,
        energy,
        demand_schedules,
        demand,
        single_peak: false,
        flat: flat_demand(file)?,
        lookback,
        fixed_per_month: per_month(
            "fixedchargefirstmeter",
            fixed,
            "fixedchargeunits",
            file.fixedchargeunits.as_deref(),
        )?,
        minimum_per_month,
        minimum_per_year,
        export: export(file.dgrules.as_deref()),
    })
}

fn both_schedules(
    names: [&str; 2],
    rows: [&Option<Rows>; 2],
    periods: usize,
) -> Result<[Schedule; 2], UrdbError> {
    let one = |name: &str, rows: &Option<Rows>| {
        let rows = rows.as_ref().ok_or_else(|| UrdbError::value(name, "it is missing"))?;
        schedule(name, rows, |n| usize::try_from(n).ok().filter(|&p| p < periods))
    };
    Ok([one(names[0], rows[0])?, one(names[1], rows[1])?])
}

/// `rate` + `adj` of a tier.
fn tier_price(place: &str, tier: &Tier) -> Result<Price, UrdbError> {
    let rate = tier.rate.ok_or_else(|| {
        UrdbError::value(place, "it has no rate: the utility's price is not in the database")
    })?;
    let adjustment = price(place, tier.adj.unwrap_or_default())?;
    Ok(price(place, rate)?.plus(adjustment)?)
}

/// A tier's `max`; older entries write 0 on the last tier for "no limit".
fn tier_limit(place: &str, tier: &Tier, last: bool) -> Result<Option<i64>, UrdbError> {
    let limit = match tier.max {
        Some(max) if !(last && max.is_zero()) => limit_e6(place, max)?,
        _ => None,
    };
    if last {
        check_open_end(place, limit)?;
    }
    Ok(limit)
}

fn energy_steps(period: usize, tiers: &[Tier]) -> Result<Vec<Step>, UrdbError> {
    let name = format!("energyratestructure[{period}]");
    if tiers.is_empty() {
        return Err(UrdbError::value(name, "a period without tiers has no price"));
    }
    let step = |(t, tier): (usize, &Tier)| {
        let place = format!("{name}[{t}]");
        let unit = match tier.unit.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("kwh") => TierUnit::Kwh,
            Some("kwh/kw") => TierUnit::KwhPerKw,
            Some("kwh daily") => TierUnit::KwhDaily,
            Some("kwh/kw daily") => TierUnit::KwhPerKwDaily,
            Some(_) => {
                let reason = format!(
                    "unit {:?}: only kWh, kWh/kW, kWh daily and kWh/kW daily can be billed",
                    tier.unit.as_deref().unwrap_or_default()
                );
                return Err(UrdbError::value(place, reason));
            }
        };
        let sell = tier.sell.map(|s| price(&place, s)).transpose()?;
        let limit_e6 = tier_limit(&place, tier, t + 1 == tiers.len())?;
        Ok(Step { limit_e6, unit, rate: tier_price(&place, tier)?, sell })
    };
    tiers.iter().enumerate().map(step).collect()
}

fn demand_ladders(name: &str, periods: &[Vec<Tier>]) -> Result<Vec<Vec<DemandStep>>, UrdbError> {
    let ladder = |(p, tiers): (usize, &Vec<Tier>)| {
        let step = |(t, tier): (usize, &Tier)| {
            let place = format!("{name}[{p}][{t}]");
            check_kilowatts(&place, tier.unit.as_deref())?;
            let limit_ukw = tier_limit(&place, tier, t + 1 == tiers.len())?;
            Ok(DemandStep { limit_ukw, rate: tier_price(&place, tier)? })
        };
        tiers.iter().enumerate().map(step).collect()
    };
    periods.iter().enumerate().map(ladder).collect()
}

fn check_kilowatts(place: &str, unit: Option<&str>) -> Result<(), UrdbError> {
    match unit {
        None => Ok(()),
        Some(unit) if unit.eq_ignore_ascii_case("kW") => Ok(()),
        Some(other) => {
            let reason = format!("unit {other:?}: demand is billed from hourly kW only");
            Err(UrdbError::value(place, reason))
        }
    }
}

fn flat_demand(file: &File) -> Result<Option<FlatDemand>, UrdbError> {
    let Some(months) = &file.flatdemandmonths else { return Ok(None) };
    check_kilowatts("flatdemandunit", file.flatdemandunit.as_deref())?;
    let ladders = demand_ladders(
        "flatdemandstructure",
        file.flatdemandstructure.as_deref().unwrap_or_default(),
    )?;
    let mut ladder_of_month = [0; 12];
    if months.len() != 12 {
        let reason = format!("{} values: a year has 12 months", months.len());
        return Err(UrdbError::value("flatdemandmonths", reason));
    }
    for (m, (month, out)) in months.iter().zip(&mut ladder_of_month).enumerate() {
        let known = |n: &u8| ladders.get(usize::from(*n)).is_some_and(|l| !l.is_empty());
        let number = month.integer().and_then(|n| u8::try_from(n).ok()).filter(known);
        *out = number.ok_or_else(|| {
            let reason = format!("period {month} is not in flatdemandstructure");
            UrdbError::value(format!("flatdemandmonths[{m}]"), reason)
        })?;
    }
    Ok(Some(FlatDemand { ladder_of_month, ladders }))
}

/// A charge per day is a twelfth of 365 of them each month, as the reference engine converts it.
fn per_month(
    name: &str,
    value: Decimal,
    units_name: &str,
    units: Option<&str>,
) -> Result<Price, UrdbError> {
    let price = price(name, value)?;
    match units {
        _ if value.is_zero() => Ok(Price::ZERO),
        Some("$/month") => Ok(price),
        Some("$/day") => Ok(price.times(365, 12)?),
        Some("$/year") => Ok(price.times(1, 12)?),
        Some(other) => {
            let reason = format!("{other:?}: write $/month, $/day or $/year");
            Err(UrdbError::value(units_name, reason))
        }
        None => Err(UrdbError::value(units_name, format!("it is missing, so {name} has no unit"))),
    }
}

pub(super) fn export(rules: Option<&str>) -> Option<ExportTerms> {
    let rule = match rules {
        None | Some("Net Metering") => ExportRule::NetMetering,
        Some("Net Billing Instantaneous") => ExportRule::NetBilling,
        Some("Net Billing Hourly") => ExportRule::NetBillingCarryOver,
        Some("Buy All Sell All") => ExportRule::BuyAllSellAll,
        Some(_) => return None,
    };
    Some(ExportTerms {
        rule,
        true_up_rate: Price::ZERO,
        true_up_month: 12,
        credit_rolls_over: false,
        credit_expires: false,
        credit_in_same_month: false,
    })
}

/// Billing demand: the month's own peak, or `lookbackpercent` of the highest earlier one.
fn lookback(file: &File) -> Result<Option<Lookback>, UrdbError> {
    let percent = file.lookbackpercent.unwrap_or_default();
    if percent.is_zero() {
        return Ok(None);
    }
    let share = percent
        .scaled(12)
        .and_then(|v| i64::try_from(v).ok())
        .and_then(|v| kernel::Ratio::new(v, 1_000_000_000_000).ok())
        .filter(|r| *r <= kernel::Ratio::ONE && !percent.is_negative())
        .ok_or_else(|| {
            let reason = format!("{percent}: write a share between 0 and 1");
            UrdbError::value("lookbackpercent", reason)
        })?;
    let range = file.lookbackrange.unwrap_or_default();
    let months = file.lookbackmonths.as_deref().unwrap_or_default();
    let chosen: Vec<bool> = months.iter().map(|f| f.0).collect();
    let mut share_of_month = [share; 12];
    let months = if !range.is_zero() {
        let valid = range.integer().and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= 12);
        valid.ok_or_else(|| {
            UrdbError::value("lookbackrange", format!("{range}: write a number of months up to 12"))
        })?
    } else {
        if chosen.len() == 12 && chosen.contains(&true) {
            for (share, chosen) in share_of_month.iter_mut().zip(chosen) {
                *share = if chosen { *share } else { kernel::Ratio::ZERO };
            }
        }
        11
    };
    Ok(Some(Lookback {
        months,
        share_of_month,
        own_share_of_month: [kernel::Ratio::ONE; 12],
        minimum_ukw: 0,
        periods: Vec::new(),
    }))
}
