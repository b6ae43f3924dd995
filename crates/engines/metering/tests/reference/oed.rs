//! Aggregates of two meters' readings against OpenEnergyDashboard's expected answers: rates
//! ("line"), amounts ("bar") and rates by hours of the day ("3d"), of one meter and of two
//! together, in several units.

use std::{fs, path::Path};

use jiff::civil::DateTime;
use kernel::Instant;
use lamplight_metering::{
    aggregate::{Bin, Sample, aggregate, hour_spans},
    codec::{Number, Unit},
};

use crate::{shared, unpacked};

/// Answers that are no aggregates: they say that a display was asked for finer than the data.
const NO_AGGREGATE: [&str; 2] = ["3d_meterFrequencyTooLong", "3d_groupFrequencyTooLong"];

#[test]
fn all_expected_aggregates_match() {
    let Some(archive) = shared("data/meter/oed_readings/readingsData.tar.xz") else { return };
    let Some(folder) = unpacked(&archive) else { return };
    let (mut files, mut rows, mut wrong) = (0, 0, Vec::new());
    let root = folder.path().join("readingsData");
    let mut names: Vec<String> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("expected_"))
        .collect();
    names.sort();
    assert_eq!(names.len(), 84);
    for name in &names {
        if NO_AGGREGATE.iter().any(|no| name.contains(no)) {
            continue;
        }
        let count = check(&root, name, &mut wrong);
        files += 1;
        rows += count;
    }
    assert!(
        wrong.is_empty(),
        "{} rows differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    eprintln!("{files} files with {rows} aggregates match");
    assert_eq!(files, 82);
}

/// Checks one file and returns its number of rows.
fn check(root: &Path, name: &str, wrong: &mut Vec<String>) -> usize {
    let holes = if name.ends_with("_holes.csv") { "_holes" } else { "" };
    let flow = name.contains("_mu_kW_") || name.contains("_mu_C_") || name.contains("_mu_Thing36_");
    let meters: Vec<Vec<Sample>> = if name.contains("_ri_15-20_") {
        vec![
            samples(root, &format!("readings_ri_15_days_75{holes}.csv"), flow),
            samples(root, &format!("readings_ri_20_days_75{holes}.csv"), flow),
        ]
    } else {
        vec![samples(root, &format!("readings_ri_15_days_75{holes}.csv"), flow)]
    };
    let text = fs::read_to_string(root.join(name)).unwrap();
    let (mut spans, mut expected) = (Vec::new(), Vec::new());
    // Some files have no header, some a comma at the end of each line.
    let is_row = |line: &&str| !line.contains("reading") && !line.trim_matches(',').is_empty();
    for line in text.lines().filter(is_row) {
        let cells: Vec<&str> = line.trim_end_matches(',').split(',').collect();
        let [numbers @ .., from, to] = cells.as_slice() else { unreachable!("{name}") };
        spans.push((instant(from), instant(to)));
        expected.push(numbers.iter().map(|n| n.parse::<f64>().ok()).collect::<Vec<_>>());
    }
    if name.contains("_3d_")
        && let (Some(first), Some(last)) = (spans.first(), spans.last())
    {
        let hours = u16::try_from((first.1.micros() - first.0.micros()) / 3_600_000_000).unwrap();
        assert_eq!(hour_spans(first.0, last.1, hours), spans, "{name}");
    }
    let bins: Vec<Vec<Bin>> = meters.iter().map(|m| aggregate(m, &spans).unwrap()).collect();
    for (row, expected) in expected.iter().enumerate() {
        let of = |what: &dyn Fn(&Bin) -> Option<i128>| -> Option<f64> {
            let all: Option<Vec<f64>> =
                bins.iter().map(|bins| Some(real(what(&bins[row])?))).collect();
            all.map(|all| all.iter().sum())
        };
        let convert = |value: Option<f64>| {
            let (slope, intercept) = factor(name);
            value.map(|v| v * slope + intercept)
        };
        let mean = convert(of(&|bin| bin.mean_per_hour()));
        let found = match expected.len() {
            3 => vec![
                convert(of(&|bin| bin.lowest_per_hour)),
                mean,
                convert(of(&|bin| bin.highest_per_hour)),
            ],
            _ if name.contains("_bar_") => vec![convert(of(&|bin| Some(bin.sum)))],
            _ => vec![mean],
        };
        let same = found.iter().zip(expected).all(|(found, expected)| match (found, expected) {
            (Some(found), Some(expected)) => {
                (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
            }
            (None, None) => true,
            _ => false,
        });
        if !same {
            wrong.push(format!("{name} {}: {found:?} for {expected:?}", spans[row].0));
        }
    }
    spans.len()
}

/// Values with nine decimals and nine more digits as a binary fraction.
fn real(value: i128) -> f64 {
    value.to_string().parse::<f64>().unwrap() * 1e-18
}

/// The unit of the answer beside the unit of the meter: slope and intercept.
fn factor(name: &str) -> (f64, f64) {
    let unit = name.split("_gu_").nth(1).and_then(|rest| rest.split("_st_").next()).unwrap_or("");
    match unit {
        "MJ" => (3.6, 0.0),
        "BTU" => (3_412.08, 0.0),
        "kgCO2" => (0.709, 0.0),
        "MTonCO2" => (0.709e-3, 0.0),
        "lbsCO2" => (0.709e-3 * 2.2e-3, 0.0),
        "F" => (1.8, 32.0),
        "Widget" => (9.0, 163.0),
        "thing" => (100.0, 0.0),
        _ => (1.0, 0.0),
    }
}

/// The readings of a file; a flow (kW) is turned into the amount over its interval.
fn samples(root: &Path, name: &str, flow: bool) -> Vec<Sample> {
    let text = fs::read_to_string(root.join(name)).unwrap();
    let mut all = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = Number::parse(cells[0], b'.').unwrap();
        let (value, scale) = number.kept(Unit::KWh, Some(9)).unwrap();
        let value = value * 10_i64.pow(u32::from(9 - scale));
        let (from, to) = (instant(cells[1]), instant(cells[2]));
        let minutes = (to.micros() - from.micros()) / 60_000_000;
        let value = if flow { value * minutes / 60 } else { value };
        all.push(Sample { from, to, value });
    }
    all
}

fn instant(text: &str) -> Instant {
    let at: DateTime = text.replace(' ', "T").parse().unwrap();
    jiff::tz::Offset::UTC.to_timestamp(at).unwrap().into()
}
