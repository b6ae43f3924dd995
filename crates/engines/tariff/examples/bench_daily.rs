//! Measures the daily form: a million days of use, four registers, a yearly ladder of three
//! tiers, each with its own position in the year. The clock counts CPU time of this process.
//! Run: `cargo run --release -p lamplight-tariff --example bench_daily`.

use std::{error::Error, hint::black_box};

use lamplight_tariff::{DayPosition, Entitlement, bundled};

const DAYS: u32 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let library = bundled::library()?;
    let plan = library.version_on("bench/four-register", "2026-01-01".parse()?)?;
    let plan = library.plan(plan).ok_or("the plan is bundled")?;
    let form = plan.daily(0)?;
    let limits = form.limits(&Entitlement::default())?;
    let mut state = 1_u64;
    let mut next = |below: u64| -> Result<i64, std::num::TryFromIntError> {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i64::try_from((state >> 33) % below * 10_000)
    };
    let mut rows = Vec::new();
    for _ in 0..DAYS {
        rows.push(([next(300)?, next(900)?, next(800)?, next(700)?, 0], next(600_000)?));
    }
    let mut best = f64::MAX;
    let mut check = 0_i64;
    for _ in 0..10 {
        let before = cpu_seconds()?;
        check = 0;
        for (used, ytd_ukwh) in &rows {
            let before = DayPosition { ytd_ukwh: *ytd_ukwh, mtd_ukwh: 0 };
            check += form.day_charge(&limits, before, black_box(used))?.charge_units;
        }
        best = best.min(cpu_seconds()? - before);
    }
    println!("{DAYS} daily charges in {best:.3} CPU s at best of ten; check sum {check}");
    Ok(())
}

/// CPU time of this process, nanoseconds of the scheduler.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanos: f64 = text.split_whitespace().next().ok_or("schedstat is empty")?.parse()?;
    Ok(nanos / 1e9)
}
