//! How many bytes a half-hour reading takes, with its flag, source and version, on the ten homes
//! of `gravitas_sgsc` (293 874 readings in kWh with three decimals).

use std::{collections::BTreeMap, path::PathBuf};

use kernel::{Date, DatePeriod};
use lamplight_lake::{Lake, settle::DayFiles, tables::IntervalRow};
use metering::reading::{Mark, Source};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::RowAccessor,
};

fn shared() -> PathBuf {
    std::env::var_os("LAMPLIGHT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared"),
        PathBuf::from,
    )
}

#[test]
fn a_half_hour_reading_takes_at_most_one_and_a_half_bytes() {
    let path = shared().join("data/meter/gravitas_sgsc/smart_meter10.parquet");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped (reference data): {} is not there", path.display());
        return;
    };
    let mut rows = Vec::new();
    for row in SerializedFileReader::new(file).unwrap().get_row_iter(None).unwrap() {
        let row = row.unwrap();
        let seconds = row.get_double(1).unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds and Wh of a test file")]
        let (seconds, wh) = (seconds as i64, (row.get_double(2).unwrap() * 1_000.0).round() as i32);
        let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        rows.push(IntervalRow {
            usage_point: row.get_string(0).unwrap().parse().unwrap(),
            day: i32::try_from(day).unwrap(),
            slot: u16::try_from(second / 1_800).unwrap(),
            minutes: 30,
            wh,
            flag: Mark::RAW.code(),
            source: Source::Import.code(),
            revision: 0,
        });
    }
    assert_eq!(rows.len(), 293_874);
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::in_folder(folder.path()).unwrap();
    // As they come in, a file for each day; then as they are kept, a file for each month.
    let mut months: BTreeMap<Date, BTreeMap<Date, Vec<IntervalRow>>> = BTreeMap::new();
    for row in &rows {
        let day = lamplight_lake::tables::date_of(row.day).unwrap();
        months.entry(day.first_of_month()).or_default().entry(day).or_default().push(*row);
    }
    let (mut packed, mut by_month) = ((0, 0), BTreeMap::new());
    for (month, days) in months {
        let daily = days.into_iter().map(|(day, rows)| lake.write_intervals(1, day, 1, rows));
        let daily: Vec<String> = daily.map(|file| file.unwrap().path).collect();
        let file = lake.pack_intervals(1, month, 2, &daily).unwrap();
        packed = (packed.0 + file.rows, packed.1 + file.bytes);
        by_month.insert(month, file.path);
    }
    assert_eq!(packed.0, 293_874);
    let hundredths = packed.1 * 100 / packed.0;
    eprintln!("{} bytes for {} readings: {hundredths} hundredths of a byte", packed.1, packed.0);
    // One home's readings come back as they were.
    let home = rows[100_000].usage_point;
    let own: Vec<IntervalRow> = rows.iter().copied().filter(|r| r.usage_point == home).collect();
    let date = lamplight_lake::tables::date_of(rows[100_000].day).unwrap();
    let file = by_month[&date.first_of_month()].clone();
    let day = DayFiles { intervals: vec![file], ..DayFiles::default() };
    let period = DatePeriod::new(date, date.tomorrow().unwrap()).unwrap();
    let days = BTreeMap::from([(date, day)]);
    let found = lamplight_lake::query::intervals(&lake, home, period, &days).unwrap();
    let mut expected: Vec<_> = own.into_iter().filter(|r| r.day == rows[100_000].day).collect();
    expected.sort_by_key(|r| r.slot);
    assert_eq!(found, expected);
    assert!(hundredths <= 150, "{hundredths} hundredths of a byte per reading");
}
