//! The cost of the daily form. Run in release: `cargo test --release -- --ignored speed`.

use std::hint::black_box;

use lamplight_tariff::{DayPosition, Entitlement};

use crate::support::plan;

/// One million charges with four registers and a yearly ladder of three tiers.
#[test]
#[ignore = "measures time; meaningful in release only"]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn a_million_daily_charges() {
    let plan = plan("bench/four-register", "2026-01-01");
    let form = plan.daily(0).unwrap();
    let limits = form.limits(&Entitlement::default()).unwrap();
    let mut state = 1_u64;
    let rows: Vec<([i64; 5], i64)> = (0..1_000_000)
        .map(|_| {
            let mut next = |below: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                i64::try_from((state >> 33) % below).unwrap()
            };
            let used = [next(300), next(900), next(800), next(700), 0].map(|v| v * 10_000);
            (used, next(600_000) * 10_000)
        })
        .collect();
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start = std::time::Instant::now();
        let mut total = 0_i64;
        for (used, ytd) in &rows {
            let before = DayPosition { ytd_ukwh: *ytd, mtd_ukwh: 0 };
            total += form.day_charge(&limits, before, black_box(used)).unwrap().charge_units;
        }
        black_box(total);
        best = best.min(start.elapsed().as_secs_f64());
    }
    eprintln!("1,000,000 daily charges: {best:.4} s");
    assert!(best < 0.1 || cfg!(debug_assertions), "{best}");
}
