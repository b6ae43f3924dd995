//! The power-factor tables at every hundredth, and the rounding of the factor.

use kernel::{Energy, Ratio, Reactive};
use lamplight_tariff::power_factor::hundredths;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{library, shared_json};

/// The stated table, rebuilt here from its sparse points and slopes: interpolated reductions
/// between the stated points, +0.5, +1 and +2 per hundredth above.
fn stated(standard: &str, table: &Value) -> Vec<f64> {
    let (steep, steeper) = match standard {
        "0.90" => (69, 64),
        "0.85" => (64, 59),
        _ => (59, 54),
    };
    let points: Vec<(usize, f64)> = table["down"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| ((p[0].as_f64().unwrap() * 100.0).round() as usize, p[1].as_f64().unwrap()))
        .collect();
    let mut all = vec![0.0; 101];
    for pair in points.windows(2) {
        for h in pair[0].0..=pair[1].0 {
            let share = (h - pair[0].0) as f64 / (pair[1].0 - pair[0].0) as f64;
            all[h] = pair[0].1 + share * (pair[1].1 - pair[0].1);
        }
    }
    let top = (table["at_or_above"][0].as_f64().unwrap() * 100.0).round() as usize;
    for slot in &mut all[top..] {
        *slot = table["at_or_above"][1].as_f64().unwrap();
    }
    for h in (0..points[0].0).rev() {
        let step = match h {
            h if h <= steeper => 2.0,
            h if h <= steep => 1.0,
            _ => 0.5,
        };
        all[h] = all[h + 1] + step;
    }
    all
}

#[test]
fn every_hundredth_of_every_standard() {
    let Some(data) = shared_json("cases/billing/cn/pf_adjust_215.json") else { return };
    for (standard, table) in data["standards"].as_object().unwrap() {
        let ours = &library().tables()[&format!("cn-215/{standard}")];
        for (h, percent) in stated(standard, table).into_iter().enumerate() {
            let exact = Ratio::new((percent * 100.0).round() as i64, 10_000).unwrap();
            assert_eq!(ours.at(u8::try_from(h).unwrap()), exact, "standard {standard} at {h}");
        }
    }
}

#[test]
fn breakpoints_as_the_decree_prints_them() {
    let at = |standard: &str, h: u8| {
        let table = &library().tables()[&format!("cn-215/{standard}")];
        lamplight_tariff::power_factor::signed_percent(table.at(h))
    };
    for (h, percent) in [
        (100, "-0.75%"),
        (94, "-0.6%"),
        (90, "0%"),
        (89, "+0.5%"),
        (70, "+10%"),
        (69, "+11%"),
        (65, "+15%"),
        (64, "+17%"),
        (60, "+25%"),
        (50, "+45%"),
    ] {
        assert_eq!(at("0.90", h), percent);
    }
    for (h, percent) in [
        (97, "-1.1%"),
        (94, "-1.1%"),
        (93, "-0.95%"),
        (90, "-0.5%"),
        (85, "0%"),
        (65, "+10%"),
        (64, "+11%"),
        (60, "+15%"),
        (59, "+17%"),
    ] {
        assert_eq!(at("0.85", h), percent);
    }
    for (h, percent) in [
        (92, "-1.3%"),
        (91, "-1.15%"),
        (90, "-1%"),
        (81, "-0.1%"),
        (80, "0%"),
        (60, "+10%"),
        (59, "+11%"),
        (55, "+15%"),
        (54, "+17%"),
    ] {
        assert_eq!(at("0.80", h), percent);
    }
}

#[test]
fn halves_go_up_and_nothing_used_has_no_factor() {
    // 0.995 exactly: P = 0.995·S. With P = 199, S = 200, Q² = 200² − 199² = 399.
    let q = |square: f64| Reactive::from_ukvarh((square.sqrt() * 1e6).floor() as i64);
    let p = Energy::parse("199").unwrap();
    assert_eq!(hundredths(p, q(399.0)), Ok(Some(100)));
    let more = Reactive::from_ukvarh(q(399.0).ukvarh() + 1_000);
    assert_eq!(hundredths(p, more), Ok(Some(99)));
    assert_eq!(hundredths(Energy::ZERO, Reactive::parse("5").unwrap()), Ok(None));
    assert_eq!(hundredths(Energy::parse("1").unwrap(), Reactive::ZERO), Ok(Some(100)));
}

proptest! {
    #[test]
    fn more_reactive_energy_never_raises_the_factor(
        p in 1_i64..1_000_000_000_000,
        q in 0_i64..1_000_000_000_000,
        more in 0_i64..1_000_000_000,
    ) {
        let factor = |q| hundredths(Energy::from_ukwh(p), Reactive::from_ukvarh(q)).unwrap();
        prop_assert!(factor(q + more) <= factor(q));
        let exact = p as f64 / (p as f64).hypot(q as f64) * 100.0;
        let found = f64::from(factor(q).unwrap());
        prop_assert!((found - exact).abs() <= 0.5 + 1e-6);
    }
}
