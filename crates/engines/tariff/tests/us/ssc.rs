//! The unit tests of SAM's `utilityrate5` (36 cases, 153 numbers), run on our engine: net
//! metering in kWh and dollars, net billing, buy all sell all, tiers per kW, ratchets, 25 years.

use std::collections::HashMap;
use std::path::Path;

use lamplight_tariff::profile::{
    Decimal, EnergyCell, ExactAmount, Factor, HourlyForm, LoadProfile, MonthBill, PriceSeries,
    SystemBills, SystemCase, YearBill,
};
use lamplight_tariff::urdb::{UrdbError, read_sam_inputs};
use serde_json::{Map, Value};

use super::support::billing_cases;

/// Inputs that are not the rate's: they describe the customer's years.
const CUSTOMER_INPUTS: [&str; 9] = [
    "analysis_period",
    "degradation",
    "gen",
    "inflation_rate",
    "load",
    "load_escalation",
    "ppa_multiplier_model",
    "ppa_price_input",
    "rate_escalation",
];

/// Runs that SAM refuses because tier limits differ between periods; here they are billed.
const BILLED_HERE: [&str; 2] =
    ["Test_Residential_TOU_Rates_w_tiers_exception", "Test_Commercial_Demand_Charges_exception"];

/// Years that are billed of the 25: no case asks about a later one.
const YEARS_RUN: usize = 3;

struct Run {
    form: HourlyForm,
    bills: SystemBills,
}

/// Reads a profile as SAM's tests do: every comma-separated field of every line, in order, and 0
/// for a field that does not begin with a number (a quote, a byte-order mark).
fn profile(folder: &Path, file: &str, count: usize) -> Vec<f64> {
    let text = std::fs::read_to_string(folder.join("profiles").join(file)).unwrap();
    let fields = text.lines().flat_map(|l| l.split(',')).filter(|f| !f.is_empty());
    fields.map(|f| f.trim().parse().unwrap_or(0.0)).take(count).collect()
}

fn factors(years: usize, percents: Option<&Value>, base: &[Decimal]) -> Vec<Factor> {
    let decimal = |v: &Value| Decimal::parse(&v.to_string()).unwrap();
    let percent = percents.map_or(Decimal::ZERO, |v| decimal(&v[0]));
    let all: Vec<Decimal> = base.iter().copied().chain([percent]).collect();
    let growth = Factor::one_plus_percent(&all).unwrap();
    (0..years).map(|y| growth.power(y).unwrap()).collect()
}

fn run(inputs: &Map<String, Value>, series: &HashMap<String, Vec<f64>>) -> Result<Run, UrdbError> {
    let rates: Map<String, Value> = inputs
        .iter()
        .filter(|(k, _)| {
            !CUSTOMER_INPUTS.contains(&k.as_str()) && *k != "system_use_lifetime_output"
        })
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let rate = read_sam_inputs("ssc", &Value::Object(rates).to_string())?;
    let all_years = Decimal::parse(&inputs["analysis_period"].to_string()).unwrap();
    let all_years = usize::try_from(all_years.integer().unwrap()).unwrap();
    let years = all_years.min(YEARS_RUN);
    let lifetime = inputs["system_use_lifetime_output"].as_f64() == Some(1.0);
    let load = LoadProfile::from_kw(&series["load"], 1.0)?;
    let parts = if lifetime { all_years } else { 1 };
    let per_year = series["gen"].len() / parts;
    let generation = series["gen"]
        .chunks(per_year)
        .take(YEARS_RUN)
        .map(|kw| LoadProfile::from_kw(kw, 1.0))
        .collect::<Result<Vec<_>, _>>()?;
    assert_eq!(inputs["degradation"][0].as_f64(), Some(0.0), "no case ages its generator");
    let inflation = Decimal::parse(&inputs["inflation_rate"].to_string()).unwrap();
    let form = HourlyForm::new(&rate.plan)?;
    let bills = form.rate_system(&SystemCase {
        load: &load,
        generation: &generation,
        generation_factors: &vec![Factor::ONE; years],
        load_factors: &factors(years, inputs.get("load_escalation"), &[]),
        price_factors: &factors(years, inputs.get("rate_escalation"), &[inflation]),
        series: PriceSeries { buy: rate.buy_series.as_deref(), sell: rate.sell_series.as_deref() },
        peaks_before_ukw: rate.peaks_before_ukw,
    })?;
    Ok(Run { form, bills })
}

fn dollars(amount: ExactAmount) -> f64 {
    amount.e24() as f64 / 1e24
}

fn annual(bill: &YearBill) -> f64 {
    dollars(bill.total().unwrap())
}

/// The energy of a month in SAM's matrix: a row per period of the month, a column per tier that
/// the month has, both counted from 1.
fn energy_matrix(run: &Run, month: usize, cells: &[EnergyCell], row: usize, column: usize) -> f64 {
    let mut steps: Vec<usize> = cells.iter().map(|c| c.step).collect();
    steps.sort_unstable();
    steps.dedup();
    let mut periods: Vec<usize> = cells.iter().map(|c| c.period).collect();
    periods.sort_unstable();
    periods.dedup();
    assert!(periods.len() <= run.form.period_keys().len(), "month {month}");
    let wanted = (periods[row - 1], steps[column - 1]);
    let found = cells.iter().find(|c| (c.period, c.step) == wanted).unwrap();
    found.energy_ukwh as f64 / 1e6
}

fn month_value(month: &MonthBill, name: &str) -> Option<ExactAmount> {
    Some(match name {
        "utility_bill_w_sys_ym" | "utility_bill_wo_sys_ym" => month.total,
        "year1_true_up_credits" | "true_up_credits_ym" => month.true_up,
        "year1_nm_dollars_applied" | "nm_dollars_applied_ym" | "net_billing_credits_ym" => {
            month.credit
        }
        "two_meter_sales_ym" => month.sold,
        "charge_w_sys_minimum_ym" => month.minimum,
        _ => return None,
    })
}

/// The value of an output of SAM by its name and index.
fn output(run: &Run, name: &str, index: &[i64]) -> f64 {
    let side = if name.contains("wo_sys") { &run.bills.without } else { &run.bills.with };
    let at = |i: usize| usize::try_from(index[i]).unwrap();
    match (name, index.len()) {
        ("utility_bill_wo_sys_year1" | "utility_bill_w_sys_year1", 0) => annual(&side[0]),
        ("utility_bill_wo_sys" | "utility_bill_w_sys", 1) => annual(&side[at(0) - 1]),
        ("year1_hourly_salespurchases_with_system", 1) => -dollars(side[0].intervals[at(0)]),
        ("billing_demand_wo_sys_ym", 2) => {
            side[at(0) - 1].months[at(1)].billing_demand_ukw as f64 / 1e6
        }
        ("energy_wo_sys_ec_jul_tp" | "energy_w_sys_ec_jul_tp", 2) => {
            energy_matrix(run, 6, &side[0].months[6].cells, at(0), at(1))
        }
        ("energy_wo_sys_ec_apr_tp", 2) => {
            energy_matrix(run, 3, &side[0].months[3].cells, at(0), at(1))
        }
        (_, 1) => {
            let month = usize::try_from(index[0].rem_euclid(12)).unwrap();
            dollars(month_value(&side[0].months[month], name).expect(name))
        }
        (_, 2) => dollars(month_value(&side[at(0) - 1].months[at(1)], name).expect(name)),
        _ => panic!("output {name}{index:?} is not mapped"),
    }
}

#[test]
fn the_unit_tests_of_sam_agree() {
    let Some(billing) = billing_cases() else { return };
    let folder = billing.join("ssc_utilityrate5");
    let text = std::fs::read_to_string(folder.join("cases.json")).unwrap();
    let cases: Value = serde_json::from_str(&text).unwrap();
    let (mut agree, mut refused) = (0, 0);
    let mut differ = Vec::new();
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let mut inputs = Map::new();
        let mut series = HashMap::new();
        let mut done: Option<Run> = None;
        for step in case["steps"].as_array().unwrap() {
            if let Some(key) = step.get("set").and_then(Value::as_str) {
                if let Some(file) = step.get("profile").and_then(Value::as_str) {
                    let count = usize::try_from(step["n"].as_u64().unwrap()).unwrap();
                    series.insert(key.to_owned(), profile(&folder, file, count));
                } else {
                    inputs.insert(key.to_owned(), step["value"].clone());
                }
            } else if step.get("run").is_some() {
                let result = run(&inputs, &series);
                let wanted = step["ok"].as_bool().unwrap();
                if !wanted {
                    assert_eq!(result.is_ok(), BILLED_HERE.contains(&name), "{name}");
                    refused += 1;
                }
                done =
                    result.map_err(|e| differ.push(format!("{name}: {e}"))).ok().filter(|_| wanted);
                if !wanted && !BILLED_HERE.contains(&name) {
                    differ.pop();
                }
            } else {
                let output_name = step["expect"].as_str().unwrap();
                let index: Vec<i64> =
                    step["index"].as_array().unwrap().iter().map(|i| i.as_i64().unwrap()).collect();
                let (value, tolerance) =
                    (step["value"].as_f64().unwrap(), step["tol"].as_f64().unwrap());
                let Some(run) = &done else {
                    differ.push(format!("{name}: {output_name} not computed"));
                    continue;
                };
                let ours = output(run, output_name, &index);
                if (ours - value).abs() <= tolerance {
                    agree += 1;
                } else {
                    differ.push(format!(
                        "{name}: {output_name}{index:?} {ours} wanted {value} ± {tolerance}"
                    ));
                }
            }
        }
    }
    for line in &differ {
        eprintln!("{line}");
    }
    eprintln!("{agree} numbers agree, {} differ, {refused} refusals of SAM seen", differ.len());
    assert_eq!((agree, differ.len()), (153, 0));
}
