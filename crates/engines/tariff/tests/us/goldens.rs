//! A small table of answers by NREL-PySAM 7.1.1.post1 (`Utilityrate5`, one year, no generation)
//! for every tier unit, a ratchet, minimums and a load that delivers. The load is whole kilowatts,
//! 20 + (37 h mod 50), so that nothing is rounded and the cents must be equal.

use lamplight_tariff::profile::{ExactAmount, HourlyForm, LoadProfile, YearBill, month_lines};
use lamplight_tariff::urdb::read_sam_inputs;
use lamplight_tariff::{Plan, verify_lines};

/// Periods by hour on weekdays; weekends are period 1 throughout.
const PERIODS: [(u8, usize); 4] = [(1, 8), (2, 9), (3, 5), (1, 2)];

fn schedule(hours: &[(u8, usize)]) -> String {
    let row: Vec<String> =
        hours.iter().flat_map(|&(p, n)| std::iter::repeat_n(p.to_string(), n)).collect();
    format!("[{}]", vec![format!("[{}]", row.join(",")); 12].join(","))
}

/// Three periods with the same tiers; tier t of period p costs 0.05 + 0.04 p + 0.03 (t − 1).
fn energy(tiers: &[(&str, u8)]) -> String {
    let row = |p: usize, t: usize, (limit, unit): (&str, u8)| {
        format!("[{p},{},{limit},{unit},0.{:02},0]", t + 1, 5 + 4 * p + 3 * t)
    };
    let rows: Vec<String> =
        (1..4).flat_map(|p| (0..).zip(tiers).map(move |(t, tier)| row(p, t, *tier))).collect();
    format!("\"ur_ec_tou_mat\":[{}]", rows.join(","))
}

fn form(parts: &[String]) -> HourlyForm {
    HourlyForm::new(&plan(parts)).unwrap()
}

fn plan(parts: &[String]) -> Plan {
    let (weekday, weekend) = (schedule(&PERIODS), schedule(&[(1, 24)]));
    let json = format!(
        "{{\"ur_ec_sched_weekday\":{weekday},\"ur_ec_sched_weekend\":{weekend},\"ur_metering_option\":4,{}}}",
        parts.join(",")
    );
    read_sam_inputs("golden", &json).unwrap().plan
}

fn load(less: i64) -> LoadProfile {
    LoadProfile::from_ukw((0..8760).map(|h| (20 + h * 37 % 50 - less) * 1_000_000).collect())
        .unwrap()
}

/// January, February, July and December of a charge.
fn shown(
    bill: &YearBill,
    charge: fn(&lamplight_tariff::profile::MonthBill) -> ExactAmount,
) -> [String; 4] {
    [0, 1, 6, 11].map(|m| charge(&bill.months[m]).to_string())
}

fn energy_of(tiers: &[(&str, u8)]) -> [String; 4] {
    shown(&form(&[energy(tiers)]).rate(&load(0)).unwrap(), |m| m.energy)
}

#[test]
fn every_tier_unit_agrees_to_the_last_digit() {
    let per_kw = energy_of(&[("200", 1), ("400", 1), ("1e+38", 1)]);
    assert_eq!(per_kw, ["4509.880000", "3917.220000", "4476.060000", "4440.460000"]);
    let per_kw_daily = energy_of(&[("6", 3), ("10", 3), ("1e+38", 3)]);
    assert_eq!(per_kw_daily, ["4725.160000", "4231.860000", "4691.340000", "4655.740000"]);
    let daily = energy_of(&[("300", 2), ("900", 2), ("1e+38", 2)]);
    assert_eq!(daily, ["4635.880000", "4151.220000", "4602.060000", "4566.460000"]);
    let blocks =
        energy_of(&[("200", 1), ("3000", 0), ("10000", 0), ("1e+38", 0), ("400", 1), ("1e+38", 1)]);
    assert_eq!(blocks, ["7101.760000", "6216.240000", "7066.320000", "7032.160000"]);
}

fn demand(steps: &[(&str, usize)], flat: &[&str]) -> String {
    let tou: Vec<String> = (1..4)
        .flat_map(|p| {
            (0..)
                .zip(steps)
                .map(move |(t, (limit, more))| format!("[{p},{},{limit},{}]", t + 1, 4 * p + more))
        })
        .collect();
    let months: Vec<String> = (0..12)
        .flat_map(|m| {
            (0..).zip(flat).map(move |(t, limit)| format!("[{m},{},{limit},{}]", t + 1, 3 + t))
        })
        .collect();
    format!(
        "\"ur_dc_enable\":1,\"ur_dc_sched_weekday\":{},\"ur_dc_sched_weekend\":{},\"ur_dc_tou_mat\":[{}],\"ur_dc_flat_mat\":[{}]",
        schedule(&PERIODS),
        schedule(&[(1, 24)]),
        tou.join(","),
        months.join(",")
    )
}

#[test]
fn demand_and_minimums_agree_to_the_last_digit() {
    let minimums = "\"ur_monthly_min_charge\":5000,\"ur_annual_min_charge\":70000".to_owned();
    let ladders = demand(&[("50", 0), ("1e+38", 2)], &["60", "1e+38"]);
    let bill = form(&[energy(&[("1e+38", 0)]), ladders, minimums]).rate(&load(0)).unwrap();
    assert_eq!(shown(&bill, |m| m.tou_demand), ["1770.000000"; 4]);
    assert_eq!(shown(&bill, |m| m.flat_demand), ["216.000000"; 4]);
    let minimum = ["0.000000", "0.000000", "0.000000", "2243.040000"];
    assert_eq!(shown(&bill, |m| m.minimum), minimum);
    let total = ["5749.960000", "5352.540000", "5717.220000", "7923.700000"];
    assert_eq!(shown(&bill, |m| m.total), total);
}

/// 80 % of the highest of three earlier months, but at least the month's own peak; period 2 is
/// billed on its own peak.
#[test]
fn a_ratchet_remembers_the_year_before() {
    let percent = ["[80,1]"; 12].join(",");
    let ratchet = format!(
        "\"ur_enable_billing_demand\":1,\"ur_billing_demand_minimum\":10,\"ur_billing_demand_lookback_period\":3,\"ur_billing_demand_lookback_percentages\":[{percent}],\"ur_dc_billing_demand_periods\":[[1,1],[2,0],[3,1]]"
    );
    let ladders = demand(&[("1e+38", 0)], &["1e+38"]);
    let form = form(&[energy(&[("200", 1), ("1e+38", 1)]), ladders, ratchet]);
    let mut before = [100_000_000; 12];
    before[11] = 120_000_000;
    let bill = form.rate_after(&load(0), &before).unwrap();
    let energy = ["4181.920000", "3686.880000", "4310.640000", "4274.560000"];
    assert_eq!(shown(&bill, |m| m.energy), energy);
    let tou = ["2088.000000", "2088.000000", "1656.000000", "1656.000000"];
    assert_eq!(shown(&bill, |m| m.tou_demand), tou);
    let flat = ["288.000000", "288.000000", "207.000000", "207.000000"];
    assert_eq!(shown(&bill, |m| m.flat_demand), flat);
    assert_eq!(bill.months[0].billing_demand_ukw, 96_000_000);
    assert_eq!(bill.months[0].peak_ukw, 69_000_000);
}

/// A ratchet of a whole year sees every month of the year before in January; one without look-back
/// still sees its December.
#[test]
fn a_ratchet_looks_back_by_no_month_and_by_twelve() {
    let percent = ["[80,1]"; 12].join(",");
    let mut before = [100_000_000; 12];
    (before[0], before[11]) = (150_000_000, 120_000_000);
    let charges = |months: u8| {
        let ratchet = format!(
            "\"ur_enable_billing_demand\":1,\"ur_billing_demand_minimum\":10,\"ur_billing_demand_lookback_period\":{months},\"ur_billing_demand_lookback_percentages\":[{percent}],\"ur_dc_billing_demand_periods\":[[1,1],[2,0],[3,1]]"
        );
        let ladders = demand(&[("1e+38", 0)], &["1e+38"]);
        let form = form(&[energy(&[("1e+38", 0)]), ladders, ratchet]);
        let bill = form.rate_after(&load(0), &before).unwrap();
        (shown(&bill, |m| m.tou_demand), shown(&bill, |m| m.flat_demand))
    };
    let tou = ["2472.000000", "2472.000000", "2088.000000", "2088.000000"];
    let flat = ["360.000000", "360.000000", "288.000000", "288.000000"];
    assert_eq!(charges(12), (tou.map(String::from), flat.map(String::from)));
    let tou = ["2472.000000", "2088.000000", "2088.000000", "2088.000000"];
    let flat = ["360.000000", "288.000000", "288.000000", "288.000000"];
    assert_eq!(charges(11), (tou.map(String::from), flat.map(String::from)));
    let tou = ["2088.000000", "1656.000000", "1656.000000", "1656.000000"];
    let flat = ["288.000000", "207.000000", "207.000000", "207.000000"];
    assert_eq!(charges(0), (tou.map(String::from), flat.map(String::from)));
}

/// Only the period of the month's highest peak is charged, for the billing demand.
#[test]
fn a_single_peak_charges_one_period() {
    let ratchet = "\"ur_enable_billing_demand\":1,\"ur_billing_demand_minimum\":80,\"ur_billing_demand_lookback_period\":1,\"ur_billing_demand_lookback_percentages\":";
    let ratchet = format!(
        "{ratchet}[{}],\"ur_dc_billing_demand_periods\":[[1,1],[2,0],[3,1]]",
        ["[80,1]"; 12].join(",")
    );
    let single = "\"TOU_demand_single_peak\":1".to_owned();
    let tou = |more: &[String]| {
        let ladders = demand(&[("1e+38", 0)], &["1e+38"]);
        let parts = [&[energy(&[("1e+38", 0)]), ladders, single.clone()], more].concat();
        let bill = form(&parts).rate(&load(0)).unwrap();
        (shown(&bill, |m| m.tou_demand), bill.months[0].demand.len())
    };
    let alone = ["276.000000", "552.000000", "552.000000", "276.000000"].map(String::from);
    assert_eq!(tou(&[]), (alone, 2));
    let at_least = ["320.000000", "640.000000", "640.000000", "320.000000"].map(String::from);
    assert_eq!(tou(&[ratchet]), (at_least, 2));
}

#[test]
fn what_a_load_delivers_is_credited_at_the_sell_price() {
    let rows: Vec<String> = (1..4)
        .flat_map(|p| {
            [(1, "5000"), (2, "1e+38")].map(|(t, limit)| {
                format!("[{p},{t},{limit},0,0.{:02},0.0{}]", 2 + 4 * p + 3 * t, 2 * p)
            })
        })
        .collect();
    let form = form(&[format!("\"ur_ec_tou_mat\":[{}]", rows.join(","))]);
    let bill = form.rate(&load(40)).unwrap();
    let total = ["685.080000", "594.280000", "680.160000", "674.020000"];
    assert_eq!(shown(&bill, |m| m.total), total);
    let by_interval = ExactAmount::sum(bill.intervals.iter().copied()).unwrap();
    assert_eq!(by_interval, bill.total().unwrap());
}

#[test]
fn cells_add_up_to_the_energy_and_its_charge() {
    let form = form(&[energy(&[("5000", 0), ("9000", 0), ("1e+38", 0)])]);
    let load = load(0);
    let bill = form.rate(&load).unwrap();
    let used: i64 = load.power_ukw().iter().sum();
    assert_eq!(bill.months.iter().map(|m| m.energy_ukwh()).sum::<i64>(), used);
    for month in &bill.months {
        assert_eq!(ExactAmount::sum(month.cells.iter().map(|c| c.amount)).unwrap(), month.energy);
        for cell in &month.cells {
            assert_eq!(cell.price.of(cell.energy_ukwh, 1).unwrap(), cell.amount);
        }
    }
}

#[test]
fn a_finer_load_with_the_same_energy_costs_the_same() {
    let form = form(&[energy(&[("5000", 0), ("1e+38", 0)]), demand(&[("1e+38", 0)], &["1e+38"])]);
    let hourly = form.rate(&load(0)).unwrap();
    let finer = form.rate(&load(0).spread(4).unwrap()).unwrap();
    for (a, b) in hourly.months.iter().zip(&finer.months) {
        assert_eq!((a.total, a.tou_demand, &a.cells), (b.total, b.tou_demand, &b.cells));
    }
}

/// Every line can be recomputed from what it shows, and the lines add up to the month.
#[test]
fn a_month_is_a_bill_of_lines() {
    let parts = [
        energy(&[("5000", 0), ("1e+38", 0)]),
        demand(&[("50", 0), ("1e+38", 2)], &["60", "1e+38"]),
        "\"ur_monthly_fixed_charge\":12.5,\"ur_monthly_min_charge\":8000,\"ur_annual_min_charge\":90000".to_owned(),
    ];
    let plan = plan(&parts);
    let year = HourlyForm::new(&plan).unwrap().rate(&load(0)).unwrap();
    for (month, number) in year.months.iter().zip(1_i8..) {
        let period = kernel::DatePeriod::month_of(kernel::Date::constant(2018, number, 1)).unwrap();
        let bill = month_lines(&plan, month, period).unwrap();
        verify_lines(&bill).unwrap();
        let exact = month.total.millionths() as f64 / 1e6;
        let lines: f64 = bill.total.to_string().parse().unwrap();
        assert!(
            (exact - lines).abs() < 0.005 * bill.lines.len() as f64,
            "{number}: {exact} {lines}"
        );
    }
    let july = kernel::DatePeriod::month_of(kernel::Date::constant(2018, 7, 1)).unwrap();
    let bill = month_lines(&plan, &year.months[6], july).unwrap();
    let keys: Vec<&str> = bill.lines.iter().map(|l| l.key.as_str()).collect();
    assert_eq!(keys[..3], ["energy.p1.tier1", "energy.p1.tier2", "energy.p2.tier1"]);
    assert_eq!(keys[keys.len() - 2..], ["fixed.fixed", "minimum.month"]);
    let december = kernel::DatePeriod::month_of(kernel::Date::constant(2018, 12, 1)).unwrap();
    let bill = month_lines(&plan, &year.months[11], december).unwrap();
    let last: Vec<&str> = bill.lines.iter().rev().take(2).map(|l| l.key.as_str()).collect();
    assert_eq!(last, ["minimum.year", "minimum.month"]);
    assert_eq!(bill.lines[0].formula.en.split(" × ").count(), 2, "{}", bill.lines[0].formula.en);
}
