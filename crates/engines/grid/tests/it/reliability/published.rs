//! EIA-861 totals, Chinese yearly figures, the worked example, major-event days.

use jiff::civil::date;
use lamplight_grid::reliability::{
    Deviation, Interruption, MajorEventRule, Table, csv as files, dlt836,
    ieee1366::{self, Published},
    major,
};

use super::{basis, cells, group, rounded, rules, shared, value};

fn nano(text: &str) -> i64 {
    kernel::parse_decimal(text, 9, "index").unwrap()
}

#[test]
fn the_totals_of_22_states_follow_from_their_utilities() {
    let Some(vectors) = shared("eia861/state_total_test_vectors.csv") else { return };
    let Some(utilities) = shared("eia861/utility_2024.csv") else { return };
    let utilities = cells(&utilities);
    let vectors = cells(&vectors);
    assert_eq!(vectors.len(), 22);
    for vector in vectors {
        let numbers: Vec<&str> = vector[7].split('|').collect();
        let parts: Vec<Published> = utilities
            .iter()
            .filter(|row| row[3] == vector[0] && numbers.contains(&row[1].as_str()))
            .filter(|row| !row[5].is_empty() && !row[14].is_empty())
            .map(|row| Published {
                // Some utilities report parts of a customer, as an average over the year.
                customers: u64::from(rounded(row[14].parse::<f64>().unwrap() * 1e3)),
                saidi_nmin: nano(&row[5]),
                saifi_n: nano(&row[6]),
            })
            .collect();
        let counted: u64 = parts.iter().map(|part| part.customers).sum();
        let customers = vector[3].parse::<u64>().unwrap();
        assert!(counted.abs_diff(customers * 1_000) <= 1_000, "customers of {}", vector[0]);
        let whole = ieee1366::whole(&parts).unwrap();
        let round =
            |at: usize, decimals| whole[at].value(decimals).unwrap().parse::<f64>().unwrap();
        let published = |at: usize| vector[at].parse::<f64>().unwrap();
        assert!((round(0, 1) - published(4)).abs() < 1e-9, "SAIDI of {}", vector[0]);
        assert!((round(1, 3) - published(5)).abs() < 1e-9, "SAIFI of {}", vector[0]);
        assert!((round(2, 1) - published(6)).abs() < 1e-9, "CAIDI of {}", vector[0]);
    }
}

#[test]
fn caidi_is_saidi_by_saifi_in_all_that_utilities_report() {
    let Some(utilities) = shared("eia861/utility_2024.csv") else { return };
    let mut seen = 0;
    for row in cells(&utilities) {
        if [5, 6, 7, 14].iter().any(|at| row[*at].is_empty()) {
            continue;
        }
        let part = Published { customers: 1, saidi_nmin: nano(&row[5]), saifi_n: nano(&row[6]) };
        let Some(caidi) = ieee1366::whole(&[part]).unwrap()[2].value(6) else { continue };
        let (ours, theirs): (f64, f64) = (caidi.parse().unwrap(), row[7].parse().unwrap());
        // SAIFI is reported with three decimals: what its last half can change is allowed.
        let saifi: f64 = row[6].parse().unwrap();
        let allowed = 0.06 + theirs * 0.000_6 / saifi;
        assert!((ours - theirs).abs() <= allowed, "{} {}: {ours} {theirs}", row[2], row[3]);
        seen += 1;
    }
    assert!(seen > 500, "{seen} utilities");
}

#[test]
fn chinese_yearly_availability_follows_from_the_hours() {
    let Some(text) = shared("china/rs_identity.csv") else { return };
    let rules = rules();
    let standard = rules.standard("dlt-836", date(2026, 1, 1)).unwrap();
    for row in cells(&text) {
        let hours: i64 = row[1].parse().unwrap();
        // Of five thousand users, one had all the seconds: thousandths of an hour stay whole.
        let micros = kernel::parse_decimal(&row[3], 3, "hours").unwrap() * 18_000;
        let table = Table::join(vec![group(&rules, 1, 0, micros)], &rules).unwrap();
        let indices = dlt836::report(&table, &rules, standard, &basis(5_000, hours)).unwrap();
        let computed: f64 = row[4].parse().unwrap();
        let percent = (value(&indices, "RS-1") * 1e6).round() / 1e4;
        assert!((percent - computed).abs() < 1e-9, "{}: {percent} {computed}", row[0]);
        let aihc: f64 = row[3].parse().unwrap();
        assert!((value(&indices, "AIHC-1") - aihc).abs() < 1e-9, "{}", row[0]);
    }
}

#[test]
fn the_worked_example_comes_out() {
    let Some(text) = shared("ieee1366_example_recalled.json") else { return };
    let example: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rules = rules();
    let standard = rules.standard("ieee-1366", date(2026, 1, 1)).unwrap();
    let rows = example["events"].as_array().unwrap().iter().map(|event| Interruption {
        kva: u32::try_from(event["kva"].as_u64().unwrap()).unwrap(),
        ..group(
            &rules,
            u32::try_from(event["customers"].as_u64().unwrap()).unwrap(),
            0,
            i64::from(rounded(event["minutes"].as_f64().unwrap() * 60.0)),
        )
    });
    let table = Table::join(rows.collect(), &rules).unwrap();
    let mut basis = basis(example["customers_served"].as_u64().unwrap(), 8_760);
    basis.connected_kva = example["connected_kva"].as_u64();
    basis.distinct = example["distinct_customers_interrupted"].as_u64();
    let report = ieee1366::report(&table, standard, &basis).unwrap();
    for id in ["SAIFI", "SAIDI", "CAIDI", "CTAIDI", "CAIFI", "ASAI", "ASIFI", "ASIDI"] {
        let (ours, theirs) = (value(&report.indices, id), example[id].as_f64().unwrap());
        assert!((ours - theirs).abs() < 1e-8, "{id}: {ours} {theirs}");
    }
    assert_eq!(report.missing.len(), 1, "only what needs usage points: {:?}", report.missing);
}

#[test]
fn major_event_days_of_a_real_year_come_out_with_both_divisors() {
    let Some(daily) = shared("med_vectors/pge_daily_saidi.csv") else { return };
    let Some(expected) = shared("med_vectors/pge_med_expected.json") else { return };
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let days = files::daily(daily.as_bytes()).unwrap();
    let multiplier = kernel::Ratio::parse("2.5").unwrap();
    for (name, deviation) in [("ddof0", Deviation::Population), ("ddof1", Deviation::Sample)] {
        let rule = MajorEventRule { multiplier, history_years: 5, deviation };
        let years = major::years(&days, &rule).unwrap();
        let year = years.iter().find(|year| year.threshold.year == 2021).unwrap();
        let (found, wanted) = (&year.threshold, &expected[name]);
        let near = |ours: f64, field: &str| {
            let theirs = wanted[field].as_f64().unwrap();
            // The file of days has six decimals, the expected figures were made from all.
            assert!((ours - theirs).abs() < 2e-4, "{name} {field}: {ours} {theirs}");
        };
        near(found.alpha, "alpha");
        near(found.beta, "beta");
        near(found.t_med_min, "T_MED");
        near(year.saidi_all_nmin as f64 / 1e9, "saidi_2021_all");
        near(year.saidi_without_nmin as f64 / 1e9, "saidi_2021_without_MED");
        near(year.interruptions_all.unwrap() as f64 / 5.5e6, "saifi_2021_all");
        near(year.interruptions_without.unwrap() as f64 / 5.5e6, "saifi_2021_without_MED");
        let days: Vec<String> = year.major.iter().map(ToString::to_string).collect();
        assert_eq!(serde_json::json!(days), wanted["MED_2021"]);
        assert_eq!(serde_json::json!(found.days_used), wanted["days_used"]);
        assert_eq!(serde_json::json!(found.zero_days), wanted["zero_days"]);
        assert!(found.incomplete, "a year and a half of history is said to be incomplete");
    }
}
