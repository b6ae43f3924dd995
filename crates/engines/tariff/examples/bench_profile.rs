//! Measures how many yearly bills a second are rated, a new load each.
//!
//! The job is the one of `peers/pysam/bench_pysam.py`: 8760 hourly values, three tiers, three
//! time-of-use periods, two demand periods and twelve monthly peaks with two tiers each, a fixed
//! charge. For every bill the load in kW is scaled anew, rounded to integers and rated into
//! twelve months with all their cells; the clock counts CPU time of this process and covers
//! exactly that. Run: `cargo run --release -p lamplight-tariff --example bench_profile [BILLS]`.

use std::error::Error;

use lamplight_tariff::profile::{HourlyForm, LoadProfile};
use lamplight_tariff::urdb::read_sam_inputs;

fn main() -> Result<(), Box<dyn Error>> {
    let bills: u32 = std::env::args().nth(1).map_or(Ok(20_000), |n| n.parse())?;
    let load = base_load();
    for (name, tou, demand) in
        [("tiered", false, false), ("tiered+TOU", true, false), ("tiered+TOU+demand", true, true)]
    {
        let rate = read_sam_inputs("bench", &inputs(tou, demand))?;
        let form = HourlyForm::new(&rate.plan)?;
        let mut profile = LoadProfile::default();
        let mut check = 0_i128;
        let before = cpu_seconds()?;
        for bill in 0..bills {
            profile.refill(&load, 1.0 + f64::from(bill % 50) * 0.01)?;
            check += form.rate(&profile)?.total()?.millionths();
        }
        let seconds = cpu_seconds()? - before;
        println!(
            "{name:18} {bills} bills in {seconds:.2} CPU s = {:.0} bills per CPU second ({:.1} µs each); check sum {check}",
            f64::from(bills) / seconds,
            seconds * 1e6 / f64::from(bills),
        );
    }
    let quarter: Vec<f64> = load.iter().flat_map(|&kw| [kw; 4]).collect();
    let rate = read_sam_inputs("bench", &inputs(true, true))?;
    let form = HourlyForm::new(&rate.plan)?;
    let mut profile = LoadProfile::default();
    let before = cpu_seconds()?;
    let rounds = bills / 4;
    for bill in 0..rounds {
        profile.refill(&quarter, 1.0 + f64::from(bill % 50) * 0.01)?;
        form.rate(&profile)?;
    }
    let seconds = cpu_seconds()? - before;
    println!("35040 × 15 min      {:.0} bills per CPU second", f64::from(rounds) / seconds);
    Ok(())
}

/// An evening-peaked household with a deterministic flutter in place of a random one.
fn base_load() -> Vec<f64> {
    let mut state = 7_u64;
    (0_u32..8760)
        .map(|hour| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let flutter = f64::from(u32::try_from(state >> 40).unwrap_or(0)) / f64::from(1 << 24);
            let of_day = f64::from(hour % 24);
            (0.4 + 0.5 * (-((of_day - 20.0) / 3.0).powi(2)).exp() + 0.2 * flutter) * 1.6
        })
        .collect()
}

/// The rate of the peer's job, as its script writes it.
fn inputs(tou: bool, demand: bool) -> String {
    let year = |hours: &[(u8, usize)]| {
        let row: Vec<String> =
            hours.iter().flat_map(|&(p, n)| std::iter::repeat_n(p.to_string(), n)).collect();
        format!("[{}]", vec![format!("[{}]", row.join(",")); 12].join(","))
    };
    let flat = year(&[(1, 24)]);
    let weekday = if tou { year(&[(1, 8), (2, 9), (3, 5), (1, 2)]) } else { flat.clone() };
    let tiers: Vec<String> = (1..=if tou { 3 } else { 1 })
        .flat_map(|p| [(1, "230"), (2, "400"), (3, "1e38")].map(|(t, max)| (p, t, max)))
        .map(|(p, t, max)| format!("[{p},{t},{max},0,0.{:02},0]", 5 + 4 * p + 3 * t))
        .collect();
    let mut json = format!(
        "{{\"ur_ec_sched_weekday\":{weekday},\"ur_ec_sched_weekend\":{flat},\"ur_ec_tou_mat\":[{}],\"ur_monthly_fixed_charge\":5.0,\"ur_metering_option\":4",
        tiers.join(",")
    );
    if demand {
        let hours = year(&[(1, 16), (2, 5), (1, 3)]);
        let ladder = |n: u8, max: &str, first: u8, second: u8| {
            format!("[{n},1,{max},{first}.0],[{n},2,1e38,{second}.0]")
        };
        let periods = [1, 2].map(|p| ladder(p, "1.0", 4 * p + 2, 4 * p + 4)).join(",");
        let months: Vec<String> = (0..12).map(|m| ladder(m, "1.5", 4, 5)).collect();
        json.push_str(&format!(
            ",\"ur_dc_enable\":1,\"ur_dc_sched_weekday\":{hours},\"ur_dc_sched_weekend\":{flat},\"ur_dc_tou_mat\":[{periods}],\"ur_dc_flat_mat\":[{}]",
            months.join(",")
        ));
    }
    json.push('}');
    json
}

/// CPU time of this process so far, user and system, to a hundredth of a second.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(") ").ok_or("no process name in /proc/self/stat")?.1;
    // Fields 14 and 15 of the whole line are 12 and 13 after the name; Linux counts 100 a second.
    let fields: Vec<f64> =
        after_name.split(' ').skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(fields.iter().sum::<f64>() / 100.0)
}
