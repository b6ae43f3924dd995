//! The rate inputs of SAM and PySAM (`ur_*` schedules and matrices) into a [`Plan`].

use serde::Deserialize;

use super::UrdbError;
use super::tables::{Origin, RateTables, Schedule, check_open_end, limit_e6, price, schedule};
use crate::profile::{Decimal, Price};
use crate::{DemandStep, ExportRule, ExportTerms, FlatDemand, Lookback, Plan, Step, TierUnit};

type Rows = Vec<Vec<Decimal>>;

/// Rate inputs as the engine takes them. An input that is not known here is refused: it might
/// change the bill.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SamInputs {
    en_electricity_rates: Option<Decimal>,
    ur_ec_sched_weekday: Option<Rows>,
    ur_ec_sched_weekend: Option<Rows>,
    ur_ec_tou_mat: Option<Rows>,
    ur_sell_eq_buy: Option<Decimal>,
    ur_dc_enable: Option<Decimal>,
    ur_dc_sched_weekday: Option<Rows>,
    ur_dc_sched_weekend: Option<Rows>,
    ur_dc_tou_mat: Option<Rows>,
    ur_dc_flat_mat: Option<Rows>,
    #[serde(rename = "TOU_demand_single_peak")]
    tou_demand_single_peak: Option<Decimal>,
    ur_enable_billing_demand: Option<Decimal>,
    ur_billing_demand_minimum: Option<Decimal>,
    ur_billing_demand_lookback_period: Option<Decimal>,
    ur_billing_demand_lookback_percentages: Option<Rows>,
    ur_dc_billing_demand_periods: Option<Rows>,
    ur_yearzero_usage_peaks: Option<Vec<Decimal>>,
    ur_monthly_fixed_charge: Option<Decimal>,
    ur_monthly_min_charge: Option<Decimal>,
    ur_annual_min_charge: Option<Decimal>,
    ur_metering_option: Option<Decimal>,
    ur_nm_yearend_sell_rate: Option<Decimal>,
    ur_nm_credit_month: Option<Decimal>,
    ur_nm_credit_rollover: Option<Decimal>,
    ur_nb_credit_expire: Option<Decimal>,
    ur_nb_apply_credit_current_month: Option<Decimal>,
    ur_en_ts_buy_rate: Option<Decimal>,
    ur_ts_buy_rate: Option<Vec<Decimal>>,
    ur_en_ts_sell_rate: Option<Decimal>,
    ur_ts_sell_rate: Option<Vec<Decimal>>,
}

/// A rate read from SAM inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamRate {
    /// The plan.
    pub plan: Plan,
    /// Prices by interval for energy drawn, where they are enabled.
    pub buy_series: Option<Vec<Price>>,
    /// Prices by interval for energy delivered, where they are enabled.
    pub sell_series: Option<Vec<Price>>,
    /// The monthly peaks of the year before, in 1e-6 kW.
    pub peaks_before_ukw: [i64; 12],
}

/// Reads the inputs from one JSON object.
///
/// # Errors
/// [`UrdbError::Json`] with line and column (an input that is not known counts as such),
/// [`UrdbError::Value`] with the place of what cannot be billed and why, [`UrdbError::Tariff`].
pub fn read_sam_inputs(id: &str, text: &str) -> Result<SamRate, UrdbError> {
    serde_json::from_str::<SamInputs>(text)?.into_rate(id, text)
}

impl SamInputs {
    /// Makes the plan; `text` is the source, for its hash.
    ///
    /// # Errors
    /// As [`read_sam_inputs`].
    pub fn into_rate(self, id: &str, text: &str) -> Result<SamRate, UrdbError> {
        if self.en_electricity_rates.is_some_and(Decimal::is_zero) {
            return Err(UrdbError::value("en_electricity_rates", "the rates are switched off"));
        }
        let (numbers, energy) = energy(&self)?;
        let energy_schedules = schedules(
            ["ur_ec_sched_weekday", "ur_ec_sched_weekend"],
            [self.ur_ec_sched_weekday.as_ref(), self.ur_ec_sched_weekend.as_ref()],
            &numbers,
        )?;
        let money = |name: &str, value: Option<Decimal>| price(name, value.unwrap_or_default());
        let mut tables = RateTables {
            origin: Origin { id: id.to_owned(), name: id.to_owned(), ..Origin::default() },
            energy_schedules,
            energy: numbers.into_iter().zip(energy).collect(),
            fixed_per_month: money("ur_monthly_fixed_charge", self.ur_monthly_fixed_charge)?,
            minimum_per_month: money("ur_monthly_min_charge", self.ur_monthly_min_charge)?,
            minimum_per_year: money("ur_annual_min_charge", self.ur_annual_min_charge)?,
            export: Some(export(&self)?),
            single_peak: on(self.tou_demand_single_peak),
            ..RateTables::default()
        };
        let mut demand_numbers = Vec::new();
        if on(self.ur_dc_enable) {
            demand_numbers = demand(&self, &mut tables)?;
        }
        if on(self.ur_enable_billing_demand) {
            tables.lookback = Some(lookback(&self, &demand_numbers)?);
        }
        let series = |enabled, name, values| series(on(enabled), name, values);
        Ok(SamRate {
            buy_series: series(self.ur_en_ts_buy_rate, "ur_ts_buy_rate", self.ur_ts_buy_rate)?,
            sell_series: series(self.ur_en_ts_sell_rate, "ur_ts_sell_rate", self.ur_ts_sell_rate)?,
            peaks_before_ukw: peaks_before(self.ur_yearzero_usage_peaks.as_deref())?,
            plan: tables.into_plan(text)?,
        })
    }
}

/// Whether a switch is given and not 0.
fn on(switch: Option<Decimal>) -> bool {
    switch.is_some_and(|v| !v.is_zero())
}

/// One row of a matrix with its place, after its width was checked.
struct Row<'a> {
    place: String,
    cells: &'a [Decimal],
}

impl Row<'_> {
    fn whole(&self, column: usize) -> Result<i64, UrdbError> {
        self.cells[column].integer().ok_or_else(|| {
            let reason = format!("{} is no whole number", self.cells[column]);
            UrdbError::value(format!("{}[{column}]", self.place), reason)
        })
    }
}

fn rows<'a>(name: &str, matrix: Option<&'a Rows>, width: usize) -> Result<Vec<Row<'a>>, UrdbError> {
    let matrix = matrix.ok_or_else(|| UrdbError::value(name, "it is missing"))?;
    let row = |(at, cells): (usize, &'a Vec<Decimal>)| {
        let place = format!("{name}[{at}]");
        if cells.len() == width {
            Ok(Row { place, cells })
        } else {
            let reason = format!("{} columns: a row has {width}", cells.len());
            Err(UrdbError::value(place, reason))
        }
    };
    matrix.iter().enumerate().map(row).collect()
}

/// Groups rows by the number in their first column, and sorts each group by the tier number in
/// the second. Both ascending; a tier given twice is refused.
fn by_period<'r, 'a>(table: &'r [Row<'a>]) -> Result<Vec<(i64, Vec<&'r Row<'a>>)>, UrdbError> {
    let mut groups: Vec<(i64, Vec<(i64, &Row<'a>)>)> = Vec::new();
    for row in table {
        let (number, tier) = (row.whole(0)?, row.whole(1)?);
        let at = groups.iter().position(|(n, _)| *n == number).unwrap_or_else(|| {
            groups.push((number, Vec::new()));
            groups.len() - 1
        });
        if groups[at].1.iter().any(|(t, _)| *t == tier) {
            let reason = format!("tier {tier} of period {number} is given twice");
            return Err(UrdbError::value(&row.place, reason));
        }
        groups[at].1.push((tier, row));
    }
    groups.sort_by_key(|(number, _)| *number);
    Ok(groups
        .into_iter()
        .map(|(number, mut tiers)| {
            tiers.sort_by_key(|(tier, _)| *tier);
            (number, tiers.into_iter().map(|(_, row)| row).collect())
        })
        .collect())
}

type Ladders<T> = (Vec<i64>, Vec<Vec<T>>);

fn energy(inputs: &SamInputs) -> Result<Ladders<Step>, UrdbError> {
    let name = "ur_ec_tou_mat";
    let table = rows(name, inputs.ur_ec_tou_mat.as_ref(), 6)?;
    let mut numbers = Vec::new();
    let mut ladders = Vec::new();
    for (number, tiers) in by_period(&table)? {
        let step = |row: &Row<'_>| {
            let unit = match row.whole(3)? {
                0 => TierUnit::Kwh,
                1 => TierUnit::KwhPerKw,
                2 => TierUnit::KwhDaily,
                3 => TierUnit::KwhPerKwDaily,
                other => {
                    let reason = format!("unit {other}: 0 to 3 are known");
                    return Err(UrdbError::value(format!("{}[3]", row.place), reason));
                }
            };
            let sell_column = if on(inputs.ur_sell_eq_buy) { 4 } else { 5 };
            Ok(Step {
                limit_e6: limit_e6(&row.place, row.cells[2])?,
                unit,
                rate: price(&row.place, row.cells[4])?,
                sell: Some(price(&row.place, row.cells[sell_column])?),
            })
        };
        let steps = tiers.into_iter().map(step).collect::<Result<Vec<_>, _>>()?;
        let place = format!("{name}, period {number}");
        check_open_end(&place, steps.last().and_then(|s| s.limit_e6))?;
        numbers.push(number);
        ladders.push(steps);
    }
    Ok((numbers, ladders))
}

fn schedules(
    names: [&str; 2],
    rows: [Option<&Rows>; 2],
    numbers: &[i64],
) -> Result<[Schedule; 2], UrdbError> {
    let one = |name: &str, rows: Option<&Rows>| {
        let rows = rows.ok_or_else(|| UrdbError::value(name, "it is missing"))?;
        schedule(name, rows, |n| numbers.iter().position(|&number| number == n))
    };
    Ok([one(names[0], rows[0])?, one(names[1], rows[1])?])
}

/// Fills in the demand charges; gives the numbers of the demand periods.
fn demand(inputs: &SamInputs, tables: &mut RateTables) -> Result<Vec<i64>, UrdbError> {
    let ladder = |name: &str, number: i64, tiers: Vec<&Row<'_>>| {
        let step = |row: &Row<'_>| {
            let limit_ukw = limit_e6(&row.place, row.cells[2])?;
            Ok(DemandStep { limit_ukw, rate: price(&row.place, row.cells[3])? })
        };
        let steps = tiers.into_iter().map(step).collect::<Result<Vec<_>, UrdbError>>()?;
        let last = steps.last().and_then(|s| s.limit_ukw);
        check_open_end(&format!("{name}, {number}"), last)?;
        Ok::<_, UrdbError>(steps)
    };
    let mut numbers = Vec::new();
    let table = rows("ur_dc_tou_mat", inputs.ur_dc_tou_mat.as_ref(), 4)?;
    for (number, tiers) in by_period(&table)? {
        numbers.push(number);
        tables.demand.push(ladder("ur_dc_tou_mat, period", number, tiers)?);
    }
    tables.demand_schedules = Some(schedules(
        ["ur_dc_sched_weekday", "ur_dc_sched_weekend"],
        [inputs.ur_dc_sched_weekday.as_ref(), inputs.ur_dc_sched_weekend.as_ref()],
        &numbers,
    )?);
    let mut ladders = vec![Vec::new(); 12];
    let table = rows("ur_dc_flat_mat", inputs.ur_dc_flat_mat.as_ref(), 4)?;
    for (month, tiers) in by_period(&table)? {
        let name = "ur_dc_flat_mat, month";
        let own = usize::try_from(month).ok().and_then(|m| ladders.get_mut(m));
        let own = own.ok_or_else(|| {
            UrdbError::value("ur_dc_flat_mat", format!("month {month}: months are 0 to 11"))
        })?;
        *own = ladder(name, month, tiers)?;
    }
    let ladder_of_month = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    tables.flat = Some(FlatDemand { ladder_of_month, ladders });
    Ok(numbers)
}

fn lookback(inputs: &SamInputs, numbers: &[i64]) -> Result<Lookback, UrdbError> {
    let name = "ur_billing_demand_lookback_percentages";
    let table = rows(name, inputs.ur_billing_demand_lookback_percentages.as_ref(), 2)?;
    if table.len() != 12 {
        let reason = format!("{} rows: a year has 12 months", table.len());
        return Err(UrdbError::value(name, reason));
    }
    let mut share_of_month = [kernel::Ratio::ZERO; 12];
    let mut own_share_of_month = [kernel::Ratio::ZERO; 12];
    for (m, row) in table.iter().enumerate() {
        let share = row.cells[0].scaled(6).and_then(|v| i64::try_from(v).ok());
        let share = share.and_then(|v| kernel::Ratio::new(v, 100_000_000).ok());
        share_of_month[m] = share.filter(|_| !row.cells[0].is_negative()).ok_or_else(|| {
            UrdbError::value(&row.place, format!("{} is no percentage", row.cells[0]))
        })?;
        if row.whole(1)? == 1 {
            own_share_of_month[m] = kernel::Ratio::ONE;
        }
    }
    let months = inputs.ur_billing_demand_lookback_period.unwrap_or_default();
    let months = months.integer().and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= 12);
    let minimum = inputs.ur_billing_demand_minimum.unwrap_or_default();
    let minimum_ukw = limit_e6("ur_billing_demand_minimum", minimum)?.unwrap_or(i64::MAX);
    let mut periods = Vec::new();
    if !numbers.is_empty() {
        let name = "ur_dc_billing_demand_periods";
        for row in rows(name, inputs.ur_dc_billing_demand_periods.as_ref(), 2)? {
            let number = row.whole(0)?;
            let place = numbers.iter().position(|&n| n == number);
            let place = place.and_then(|p| u8::try_from(p).ok()).ok_or_else(|| {
                UrdbError::value(&row.place, format!("demand period {number} has no price"))
            })?;
            if row.whole(1)? == 1 {
                periods.push(place);
            }
        }
        if periods.is_empty() {
            return Err(UrdbError::value(name, "no period is chosen for billing demand"));
        }
    }
    Ok(Lookback {
        months: months.ok_or_else(|| {
            let reason = "write a number of months up to 12";
            UrdbError::value("ur_billing_demand_lookback_period", reason)
        })?,
        share_of_month,
        own_share_of_month,
        minimum_ukw,
        periods,
    })
}

fn export(inputs: &SamInputs) -> Result<ExportTerms, UrdbError> {
    let option = inputs.ur_metering_option.unwrap_or_default();
    let rule = match option.integer() {
        Some(0) => ExportRule::NetMetering,
        Some(1) => ExportRule::NetMeteringCredits,
        Some(2) => ExportRule::NetBilling,
        Some(3) => ExportRule::NetBillingCarryOver,
        Some(4) => ExportRule::BuyAllSellAll,
        _ => {
            let reason = format!("{option}: 0 to 4 are known");
            return Err(UrdbError::value("ur_metering_option", reason));
        }
    };
    let month = inputs.ur_nm_credit_month.unwrap_or_else(|| Decimal::from_integer(11));
    let true_up_month = month.integer().filter(|m| (0..12).contains(m)).ok_or_else(|| {
        UrdbError::value("ur_nm_credit_month", format!("{month}: months are 0 to 11"))
    })?;
    Ok(ExportTerms {
        rule,
        true_up_rate: price(
            "ur_nm_yearend_sell_rate",
            inputs.ur_nm_yearend_sell_rate.unwrap_or_default(),
        )?,
        true_up_month: u8::try_from(true_up_month + 1).unwrap_or(12),
        credit_rolls_over: on(inputs.ur_nm_credit_rollover),
        credit_expires: on(inputs.ur_nb_credit_expire),
        credit_in_same_month: on(inputs.ur_nb_apply_credit_current_month),
    })
}

fn series(
    enabled: bool,
    name: &str,
    values: Option<Vec<Decimal>>,
) -> Result<Option<Vec<Price>>, UrdbError> {
    if !enabled {
        return Ok(None);
    }
    let values = values.ok_or_else(|| UrdbError::value(name, "it is switched on but missing"))?;
    let one = |(at, value): (usize, Decimal)| price(&format!("{name}[{at}]"), value);
    values.into_iter().enumerate().map(one).collect::<Result<_, _>>().map(Some)
}

fn peaks_before(peaks: Option<&[Decimal]>) -> Result<[i64; 12], UrdbError> {
    let name = "ur_yearzero_usage_peaks";
    let mut before = [0; 12];
    let Some(peaks) = peaks else { return Ok(before) };
    if peaks.len() != 12 {
        let reason = format!("{} values: a year has 12 months", peaks.len());
        return Err(UrdbError::value(name, reason));
    }
    for (m, (peak, out)) in peaks.iter().zip(&mut before).enumerate() {
        let ukw = peak.scaled(6).and_then(|v| i64::try_from(v).ok());
        *out = ukw.ok_or_else(|| {
            UrdbError::value(format!("{name}[{m}]"), format!("{peak} kW is no peak"))
        })?;
    }
    Ok(before)
}
