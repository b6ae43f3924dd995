//! Standard files through the public import command, to settled energy: Parquet in every
//! compression that common tools write, Green Button, NEM12.

use std::collections::BTreeMap;

use kernel::{Date, Instant};
use metering::{
    codec::espi::{Feed, Reading, ReadingType, Series, UsagePoint, write as write_feed},
    reading::{Mark, RegisterKind},
};
use parquet::basic::{Compression, GzipLevel, ZstdLevel};

use crate::{
    bureau::Bureau,
    engine_files::{Column, Layout, write},
};

/// The settled energy of an account's days, as exported.
fn use_of(bureau: &Bureau, account: &str) -> BTreeMap<String, String> {
    let span = ["--from", "2026-01-01", "--to", "2026-01-31"];
    let args = [&["export", "use", "--account", account][..], &span].concat();
    let said = bureau.must(&args);
    let mut lines = said.out.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let place = |name: &str| head.iter().position(|cell| *cell == name).unwrap();
    let (day, kwh) = (place("day"), place("total_kwh"));
    lines.map(|line| (line[day].to_owned(), line[kwh].to_owned())).collect()
}

fn midnight(day: i8) -> i64 {
    let zone = kernel::Zone::get("Asia/Shanghai").unwrap();
    zone.day(Date::constant(2026, 1, day)).unwrap().from().micros()
}

#[test]
fn parquet_comes_in_from_every_usual_tool() {
    let compressions = [
        ("uncompressed", Compression::UNCOMPRESSED),
        ("snappy", Compression::SNAPPY),
        ("zstd", Compression::ZSTD(ZstdLevel::default())),
        ("gzip", Compression::GZIP(GzipLevel::default())),
        ("lz4", Compression::LZ4_RAW),
    ];
    let bureau = Bureau::new();
    // Each day of the first household comes in a file of another compression, the second and
    // third household twice in every file: what is the same again changes nothing.
    for (day, (name, compression)) in (2_i8..).zip(compressions) {
        let days: Vec<i8> = (2..=day).collect();
        let mut rows: Vec<(String, i64, i64)> = Vec::new();
        rows.push(("4200000000".to_owned(), midnight(day), 100_000 + 512 * i64::from(day)));
        for household in 1..3 {
            for day in &days {
                let code = format!("420000000{household}");
                rows.push((code, midnight(*day), 100_000 + 300 * i64::from(*day)));
            }
        }
        let columns = [
            Column::Text("usage_point", rows.iter().map(|row| row.0.clone()).collect()),
            Column::Wide("at", " (TIMESTAMP_MICROS)", rows.iter().map(|row| row.1).collect()),
            Column::Wide("total", " (DECIMAL(12,2))", rows.iter().map(|row| row.2).collect()),
        ];
        let path = bureau.folder.path().join(format!("{name}.parquet"));
        write(&path, &columns, Layout { group: 4, compression, dictionary: day % 2 == 0 });
        let said = bureau.must(&["import", "readings", path.to_str().unwrap()]);
        assert!(said.out.contains(&format!("{} taken, 0 not", rows.len())), "{name}: {}", said.out);
    }
    bureau.must(&["settle", "--from", "2026-01-01", "--through", "2026-01-05"]);
    let first = use_of(&bureau, "4200000000");
    // 1 January from the opening 1000.0 to 1010.24, then 5.12 a day.
    let expected = ["10.24", "5.12", "5.12", "5.12", "5.12"];
    assert_eq!(first.values().map(String::as_str).collect::<Vec<_>>(), expected);
    let second = use_of(&bureau, "4200000002");
    assert_eq!(second.values().map(String::as_str).collect::<Vec<_>>(), ["6", "3", "3", "3", "3"]);
}

#[test]
fn parquet_rows_that_cannot_be_taken_are_told_by_row_and_column() {
    let bureau = Bureau::new();
    let columns = [
        Column::Text(
            "usage_point",
            ["4200000000", "9900000000", "4200000001", "4200000002"].map(str::to_owned).to_vec(),
        ),
        Column::Wide("at", " (TIMESTAMP_MICROS)", vec![midnight(2); 4]),
        Column::Optional("total", vec![Some(1_005), Some(1_005), None, Some(-3)]),
    ];
    let path = bureau.folder.path().join("some.parquet");
    write(&path, &columns, Layout::PLAIN);
    let name = path.to_str().unwrap();
    let refused = bureau.say(&["import", "readings", name, "--policy", "refuse-whole"]);
    assert_eq!(refused.code, Some(1));
    assert_eq!(bureau.rows(), 3, "only the opening reads");
    let kept = bureau.must(&["import", "readings", name]);
    assert!(kept.out.contains("1 taken, 3 not"), "{}", kept.out);
    for words in ["some.parquet:2: usage_point", "some.parquet:3:", "some.parquet:4:"] {
        assert!(kept.out.contains(words), "{words:?} is not in {}", kept.out);
    }
    assert_eq!(bureau.rows(), 4);
}

fn feed(point: &str, day: i8, wh: impl Fn(i64) -> i64) -> Vec<u8> {
    let from = midnight(day);
    let reading = |hour: i64| Reading {
        from: Instant::from_micros(from + hour * 3_600_000_000),
        duration_s: 3_600,
        value: wh(hour),
        mark: Mark::VALID,
    };
    let series = Series {
        id: "1".to_owned(),
        title: "home".to_owned(),
        reading_type: ReadingType::interval_energy(RegisterKind::Total, 3_600),
        readings: (0..24).map(reading).collect(),
    };
    let point = UsagePoint { id: point.to_owned(), title: "home".to_owned(), series: vec![series] };
    let mut bytes = Vec::new();
    write_feed(&Feed { usage_points: vec![point], ..Feed::default() }, &mut bytes).unwrap();
    bytes
}

#[test]
fn green_button_comes_in_and_goes_out_to_the_same_energy() {
    let bureau = Bureau::new();
    let hourly = |hour: i64| 100 + hour * 10;
    for (name, day) in [("one.xml", 1), ("two.xml", 2)] {
        let path = bureau.file(name, feed("4200000001", day, hourly));
        let said = bureau.must(&["import", "readings", path.to_str().unwrap()]);
        assert!(said.out.contains("24 values, 24 taken, 0 not"), "{}", said.out);
    }
    let stranger = bureau.file("stranger.xml", feed("nobody", 1, hourly));
    let said = bureau.must(&["import", "readings", stranger.to_str().unwrap()]);
    assert!(said.out.contains("24 × reading.unknown_usage_point"), "{}", said.out);
    let out = bureau.folder.path().join("out.xml");
    let span = ["--from", "2026-01-01", "--to", "2026-01-02", "--out", out.to_str().unwrap()];
    let what = ["export", "intervals", "--account", "4200000001", "--format", "green-button"];
    bureau.must(&[&what[..], &span].concat());

    let other = Bureau::new();
    let said = other.must(&["import", "readings", out.to_str().unwrap()]);
    assert!(said.out.contains("48 values, 48 taken, 0 not"), "{}", said.out);
    let table = |bureau: &Bureau| {
        let what = ["export", "intervals", "--account", "4200000001"];
        bureau.must(&[&what[..], &span[..4]].concat()).out
    };
    let (first, second) = (table(&bureau), table(&other));
    assert_eq!(first.lines().count(), 49);
    let values = |text: &str| -> Vec<String> {
        let at = text.lines().next().unwrap().split(',').position(|c| c.starts_with("value"));
        text.lines().map(|line| line.split(',').nth(at.unwrap()).unwrap().to_owned()).collect()
    };
    assert_eq!(values(&first), values(&second));
    assert_eq!(values(&first)[..2], ["value_wh", "100"]);
}

#[test]
fn nem12_comes_in_from_a_zip_and_gzipped_csv_as_it_is() {
    use std::io::Write as _;
    let bureau = Bureau::new();
    let day = vec!["0.25"; 48].join(",");
    let text = format!(
        "100,NEM12,202606300000,M,R\n200,4200000000,E1,1,E1,N1,S1,kWh,30,\n\
         300,20260110,{day},A,,,20260111000000,\n900\n"
    );
    let mut zipped = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zipped.start_file("data.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zipped.write_all(text.as_bytes()).unwrap();
    // Neither name nor container says what it is; what is inside does.
    let path = bureau.file("delivery.zip", zipped.finish().unwrap().into_inner());
    let said = bureau.must(&["import", "readings", path.to_str().unwrap()]);
    assert!(said.out.contains("48 values, 48 taken, 0 not"), "{}", said.out);
    let rows = "usage_point,from,minutes,value_kwh\n4200000001,2026-01-10 00:00,60,0.5\n";
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(rows.as_bytes()).unwrap();
    let path = bureau.file("delivery.gz", gz.finish().unwrap());
    let said = bureau.must(&["import", "readings", path.to_str().unwrap()]);
    assert!(said.out.contains("1 values, 1 taken, 0 not"), "{}", said.out);
}
