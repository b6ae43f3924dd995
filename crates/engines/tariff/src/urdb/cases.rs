//! The engine forms `lamplight rate --format pysam` and `--format urdb`: a case or a rate in, one
//! line of monthly charges out. Reading files and picking loads by name is the caller's part.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{UrdbError, read_rate, sam::SamInputs};
use crate::profile::{
    ExactAmount, HOURS_PER_YEAR, HourlyForm, LoadProfile, MonthBill, YearBill, parse_kw,
};

/// The loads that cases name, and the file of each in the folder that `--loads` gives.
pub const CASE_LOADS: [(&str, &str); 3] = [
    ("residential", "pvsamv1_residential_load.csv"),
    ("commercial", "load_commercial.csv"),
    ("large", "load_commercial_large.csv"),
];

/// A charge of a month, as a case names it.
type NamedCharge = (&'static str, fn(&MonthBill) -> ExactAmount);

/// The charges of a case, by the names and in the order of its `monthly` object.
const CHARGES: [NamedCharge; 6] = [
    ("utility_bill_wo_sys_ym", |m| m.total),
    ("charge_wo_sys_ec_ym", |m| m.energy),
    ("charge_wo_sys_dc_tou_ym", |m| m.tou_demand),
    ("charge_wo_sys_dc_fixed_ym", |m| m.flat_demand),
    ("charge_wo_sys_fixed_ym", |m| m.fixed),
    ("charge_wo_sys_minimum_ym", |m| m.minimum),
];

#[derive(Deserialize)]
struct Case<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    load: String,
    #[serde(borrow)]
    scale: Option<&'a RawValue>,
    #[serde(borrow)]
    rates: &'a RawValue,
}

/// Rates one case: a JSON object with `id`, `load`, `scale` and `rates`. `load_of` gives the
/// hourly kilowatts of a load by name; the first 8760 are used.
///
/// Returns `{"id":…,"monthly":{…}}`, dollars with six decimals, before the rounding of lines.
///
/// # Errors
/// [`UrdbError`] with the place of what is wrong in the line, or the name of a load that is not
/// there.
pub fn rate_case<'l>(
    line: &str,
    load_of: impl FnOnce(&str) -> Option<&'l [f64]>,
) -> Result<String, UrdbError> {
    let case: Case<'_> = serde_json::from_str(line)?;
    let rates = case.rates.get();
    let inputs = serde_json::from_str::<SamInputs>(rates).map_err(|e| inside(line, rates, e))?;
    let scale = match case.scale.map(RawValue::get) {
        None | Some("null") => 1.0,
        Some(text) => text
            .parse::<f64>()
            .ok()
            .filter(|s| s.is_finite())
            .ok_or_else(|| UrdbError::value("scale", format!("{text} is no number")))?,
    };
    let hours = load_of(&case.load).ok_or_else(|| {
        let reason = match CASE_LOADS.iter().find(|(name, _)| *name == case.load) {
            Some((name, file)) => format!("the folder of the loads has no {file}, which is {name}"),
            None => {
                let known: Vec<_> = CASE_LOADS.iter().map(|(name, _)| *name).collect();
                format!("there is no load {:?}; known are {}", case.load, known.join(", "))
            }
        };
        UrdbError::value("load", reason)
    })?;
    let hours = &hours[..hours.len().min(HOURS_PER_YEAR)];
    let rate = inputs.into_rate(&format!("case/{}", case.id.get()), rates)?;
    if rate.buy_series.is_some() || rate.sell_series.is_some() {
        return Err(UrdbError::value("ur_en_ts_buy_rate", "a case has no prices by the interval"));
    }
    let load = LoadProfile::from_kw(hours, scale)?;
    let bill = HourlyForm::new(&rate.plan)?.rate_after(&load, &rate.peaks_before_ukw)?;
    Ok(format!("{{\"id\":{},\"monthly\":{}}}", case.id.get(), monthly_json(&bill)))
}

/// Rates one year of a load by a rate of the US Utility Rate Database: the engine form
/// `lamplight rate --format urdb`. `load_csv` is read by [`parse_kw`].
///
/// Returns `{"monthly":{…}}` and a sentence for each part of the rate that is not charged.
///
/// # Errors
/// [`UrdbError`] with the place of what is wrong in the rate or the load.
pub fn rate_urdb(rate_json: &str, load_csv: &str) -> Result<(String, Vec<String>), UrdbError> {
    let rate = read_rate(rate_json)?;
    let load = LoadProfile::from_kw(&parse_kw(load_csv)?, 1.0)?;
    let bill = HourlyForm::new(&rate.plan)?.rate(&load)?;
    Ok((format!("{{\"monthly\":{}}}", monthly_json(&bill)), rate.notes))
}

/// The monthly charges of a year as a JSON object, dollars with six decimals.
#[must_use]
pub fn monthly_json(bill: &YearBill) -> String {
    let mut json = String::with_capacity(1024);
    for (at, (name, charge)) in CHARGES.into_iter().enumerate() {
        json.push(if at == 0 { '{' } else { ',' });
        let _ = write!(json, "\"{name}\":["); // a String takes every write
        for (m, amount) in bill.column(charge).into_iter().enumerate() {
            let comma = if m == 0 { "" } else { "," };
            let _ = write!(json, "{comma}{amount}");
        }
        json.push(']');
    }
    json.push('}');
    json
}

/// Moves an error's place from within `part` to the line that `part` is a piece of.
fn inside(line: &str, part: &str, error: serde_json::Error) -> UrdbError {
    let before = (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
    match UrdbError::from(error) {
        UrdbError::Json { line: 1, column, reason } => {
            UrdbError::Json { line: 1, column: before + column, reason }
        }
        other => other,
    }
}
