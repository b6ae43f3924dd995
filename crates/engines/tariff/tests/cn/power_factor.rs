//! The power-factor tables at every hundredth, and the rounding of the factor.

use kernel::{Energy, Ratio, Reactive};
use lamplight_tariff::power_factor::hundredths;
use proptest::prelude::*;
use serde_json::Value;

use crate::cn::support::{library, shared_json};

/// A JSON number in hundredths.
fn cents(value: &Value) -> i64 {
    kernel::parse_decimal(&value.to_string(), 2, "number").unwrap()
}

/// A power factor in hundredths as an index.
fn place(value: &Value) -> usize {
    usize::try_from(cents(value)).unwrap()
}

/// The stated table in hundredths of a percent, rebuilt here from its sparse points and slopes:
/// even steps between the stated points, +0.5, +1 and +2 per hundredth above.
fn stated(standard: &str, table: &Value) -> Vec<i64> {
    let (steep, steeper) = match standard {
        "0.90" => (69, 64),
        "0.85" => (64, 59),
        _ => (59, 54),
    };
    let points: Vec<(usize, i64)> =
        table["down"].as_array().unwrap().iter().map(|p| (place(&p[0]), cents(&p[1]))).collect();
    let mut all = vec![0; 101];
    for pair in points.windows(2) {
        let steps = i64::try_from(pair[1].0 - pair[0].0).unwrap();
        for (n, slot) in (0..).zip(&mut all[pair[0].0..=pair[1].0]) {
            *slot = pair[0].1 + (pair[1].1 - pair[0].1) * n / steps;
        }
    }
    all[place(&table["at_or_above"][0])..].fill(cents(&table["at_or_above"][1]));
    for h in (0..points[0].0).rev() {
        let step = match h {
            h if h <= steeper => 200,
            h if h <= steep => 100,
            _ => 50,
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
            let exact = Ratio::new(percent, 10_000).unwrap();
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
    let q = Reactive::from_ukvarh(399_000_000_000_000_i64.isqrt());
    let p = Energy::parse("199").unwrap();
    assert_eq!(hundredths(p, q), Ok(Some(100)));
    let more = Reactive::from_ukvarh(q.ukvarh() + 1_000);
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
        // |P/S − found| ≤ half a hundredth, on squares: (2f−1)·S ≤ 200·P ≤ (2f+1)·S.
        let (p, q, found) = (i128::from(p), i128::from(q), i128::from(factor(q).unwrap()));
        let (apparent, active) = (p * p + q * q, 40_000 * p * p);
        prop_assert!(found == 0 || (2 * found - 1).pow(2) * apparent <= active);
        prop_assert!(active < (2 * found + 1).pow(2) * apparent);
    }
}
