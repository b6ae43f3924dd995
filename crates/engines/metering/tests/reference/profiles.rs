//! Published data sets through their import profiles: every row read, sums as counted by hand.

use std::collections::BTreeSet;

use lamplight_metering::{
    codec::{
        Limits, Policy, Report, intervals_csv,
        profile::{BUILT_IN, Profile},
    },
    reading::{RegisterKind, Validity},
};

use crate::{shared, unxz};

#[derive(Default)]
struct Seen {
    rows: u64,
    missing: u64,
    valid: u64,
    points: BTreeSet<String>,
    /// Sum in 1e-9 kWh by register.
    sums: [i128; RegisterKind::COUNT],
}

fn import(file: &str, profile: &str) -> Option<(Report, Seen)> {
    let bytes = unxz(&shared(file)?)?;
    let (_, text) = BUILT_IN.iter().find(|(name, _)| *name == profile).unwrap();
    let profile = Profile::parse(text).unwrap();
    let mut seen = Seen::default();
    let limits = Limits::default();
    let mut take = |row: intervals_csv::IntervalRow<'_>| {
        seen.rows += 1;
        seen.missing += u64::from(row.value.is_none());
        seen.valid += u64::from(row.mark.validity == Validity::Valid);
        if !seen.points.contains(row.usage_point) {
            seen.points.insert(row.usage_point.to_owned());
        }
        let value = i128::from(row.value.unwrap_or(0)) * 10_i128.pow(u32::from(9 - row.scale));
        seen.sums[row.register.index()] += value;
    };
    let report = intervals_csv::decode_with(
        bytes.as_slice(),
        file,
        &profile,
        Policy::KeepGood,
        limits,
        &mut take,
    );
    Some((report.unwrap(), seen))
}

const KWH: i128 = 1_000_000_000;

#[test]
fn the_matrix_of_1454_enterprises() {
    let file = "data/meter/tianchi_yangzhong/daily_kwh_1454_enterprises.csv.xz";
    let Some((report, seen)) = import(file, "tianchi-daily-matrix") else { return };
    assert_eq!((report.problem_count, seen.points.len()), (0, 1_454));
    assert_eq!((seen.rows, seen.missing), (929_106, 148_424));
    assert_eq!(seen.sums[0], (4_863_978_670 / 2 - 148_424) * KWH);
}

#[test]
fn the_daily_totals_of_london_homes() {
    let file = "data/meter/lcl_daily_block0/block_0.csv.xz";
    let Some((report, seen)) = import(file, "low-carbon-london-daily") else { return };
    assert_eq!((report.problem_count, seen.points.len()), (0, 50));
    assert_eq!((seen.rows, seen.missing, seen.valid), (25_574, 0, 25_286));
    assert_eq!(seen.sums[0] * 1_000 / KWH, 550_961_679);
}

#[test]
fn the_retailers_half_hours() {
    let file = "data/meter/gravitas_sgsc/meter04.csv.xz";
    let Some((report, seen)) = import(file, "sgsc-retailer-interval") else { return };
    assert_eq!(report.problem_count, 0, "{:?}", report.problems.first());
    assert_eq!((seen.rows, seen.valid), (35_132, 35_132));
    assert_eq!(seen.sums[0] * 1_000 / KWH, 6_283_174);
}

#[test]
fn the_solar_home() {
    let file = "data/meter/ausgrid_customer12/data_2011-2012.csv.xz";
    let Some((report, seen)) = import(file, "ausgrid-solar-home") else { return };
    assert_eq!((report.problem_count, seen.rows), (0, 2 * 17_568));
    assert_eq!(seen.sums[RegisterKind::Total.index()] * 1_000 / KWH, 11_876_738);
    assert_eq!(seen.sums[RegisterKind::ExportTotal.index()] * 1_000 / KWH, 2_592_808);
}
