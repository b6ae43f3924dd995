//! How fast files are decoded, from memory to rows, one core.
//!
//! `cargo run --release -p lamplight-metering --example decode_speed`

use std::{hint::black_box, io};

use lamplight_metering::{
    codec::{CodecError, Limits, Policy, Report, espi, intervals_csv, nem, registers_csv},
    reading::{Mark, RegisterKind, Source},
};

fn main() -> io::Result<()> {
    let limits = Limits::default();
    let (zone, policy) = ("Asia/Shanghai", Policy::RefuseWhole);
    let registers = registers();
    measure("registers CSV", registers.as_bytes(), |bytes| {
        registers_csv::decode(bytes, "f", zone, Source::Ami, policy, limits, &mut |row| {
            black_box(&row);
        })
    })?;
    let intervals = intervals();
    measure("intervals CSV", intervals.as_bytes(), |bytes| {
        intervals_csv::decode(bytes, "f", zone, policy, limits, &mut |row| {
            black_box(&row);
        })
    })?;
    let market = market();
    measure("NEM12", market.as_bytes(), |bytes| {
        let options = nem::Options { policy, ..nem::Options::default() };
        nem::decode(bytes, "f", options, &mut |item| {
            black_box(&item);
        })
    })?;
    let feed = feed();
    let mut xml = Vec::new();
    espi::write(&feed, &mut xml)?;
    measure("Green Button", &xml, |bytes| Ok(espi::read(bytes, "f", policy, limits)?.1))
}

fn measure(
    name: &str,
    bytes: &[u8],
    decode: impl Fn(&[u8]) -> Result<Report, CodecError>,
) -> io::Result<()> {
    let mut best_s = f64::INFINITY;
    let mut kept = 0;
    for _ in 0..3 {
        let started = cpu_s();
        kept = decode(bytes).map_err(io::Error::other)?.kept;
        best_s = best_s.min(cpu_s() - started);
    }
    let megabytes = bytes.len() / 1_000_000;
    println!("{name}: {megabytes} MB, {kept} rows or days in {best_s:.3} CPU s");
    Ok(())
}

fn registers() -> String {
    let mut text = String::from("usage_point,meter,at,total,peak,flat,valley\n");
    for meter in 0..500_000 {
        text += &format!(
            "{},M{meter},2026-06-30 00:00,{meter}.25,{meter}.01,{meter}.5,12.5\n",
            330_100_000 + meter
        );
    }
    text
}

fn intervals() -> String {
    let mut text = String::from("usage_point,from,minutes,value_kwh\n");
    for meter in 0..5_000 {
        for slot in 0..96 {
            let (hour, minute) = (slot / 4, slot % 4 * 15);
            text += &format!("33010{meter},2026-06-30 {hour:02}:{minute:02},15,0.{}\n", 100 + slot);
        }
    }
    text
}

fn market() -> String {
    let day = vec!["1.125"; 48].join(",");
    let mut text = String::from("100,NEM12,202606300000,M,R\n");
    for meter in 0..2_000 {
        text += &format!("200,NMI{meter},E1,1,E1,N1,S1,kWh,30,\n");
        for date in 1..=28 {
            text += &format!("300,202606{date:02},{day},A,,,20260630,\n");
        }
    }
    text + "900\n"
}

fn feed() -> espi::Feed {
    let readings = (0..200_000).map(|i| espi::Reading {
        from: jiff_start(i),
        duration_s: 900,
        value: i % 900,
        mark: Mark::VALID,
    });
    let series = espi::Series {
        id: "1".to_owned(),
        title: "total".to_owned(),
        reading_type: espi::ReadingType::interval_energy(RegisterKind::Total, 900),
        readings: readings.collect(),
    };
    let point = espi::UsagePoint { id: "1".to_owned(), title: String::new(), series: vec![series] };
    espi::Feed { usage_points: vec![point], ..espi::Feed::default() }
}

fn jiff_start(slot: i64) -> kernel::Instant {
    kernel::Instant::from_micros((1_600_000_000 + slot * 900) * 1_000_000)
}

/// CPU seconds of this thread so far, as Linux counts them: wall time says little on a busy machine.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e9
}
