//! The nightly run measured: a made-up organisation of any size, one prepared day, and the time
//! and memory that the next day takes. One command reruns it.

use std::{collections::BTreeMap, path::Path, time::Instant as Stopwatch};

use kernel::{Date, Zone};
use metering::{
    reading::{Mark, RegisterKind, Source},
    vee::RuleSet,
};
use tariff::{Library, Weather};

use crate::{
    Lake, LakeError, Manifest,
    settle::{self, DayFiles, Rules},
    tables::{IntervalRow, Measured, ReadingRow, TermsRow, day_number},
};

/// What is read from each meter each day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BenchLoad {
    /// Total and four time-of-use registers, once.
    Registers,
    /// 96 quarter-hour intervals.
    Intervals,
}

/// What a measured night took.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchReport {
    /// Usage points.
    pub usage_points: i64,
    /// What was read.
    pub load: BenchLoad,
    /// Seconds to write the day's readings to the lake, sorted and durable.
    pub ingest_s: f64,
    /// Seconds to validate, rate and write the new state with its findings.
    pub settle_s: f64,
    /// Processor seconds of both together; 0 where the system does not say.
    pub cpu_s: f64,
    /// The most memory that the process has used so far, MiB; 0 where the system does not say.
    pub peak_mib: u64,
    /// Bytes of the day's readings and of its state.
    pub bytes: (u64, u64),
    /// Findings for people.
    pub exceptions: usize,
    /// Usage points with an accepted reading.
    pub read: u64,
    /// The sum of the day's charges, 1e-4 of the currency: equal for equal inputs.
    pub charge_units: i64,
}

const ORG: i64 = 1;
const DAY: Date = Date::constant(2026, 6, 3);

/// Runs one measured night in an empty folder.
///
/// # Errors
/// A failure of the disk, or a folder that already holds a lake.
pub fn nightly(
    folder: &Path,
    usage_points: i64,
    load: BenchLoad,
    library: &Library,
) -> Result<BenchReport, LakeError> {
    let lake = Lake::in_folder(folder)?;
    let vee = RuleSet::parse(metering::vee::DEFAULT_RULES)
        .map_err(|error| LakeError::Invalid(error.to_string()))?;
    let rules = Rules { library, weather: &Weather::default(), vee: &vee };
    let plan = library.plans().iter().position(|p| p.head.id == "bench/four-register");
    let plan = plan.and_then(|p| i32::try_from(p).ok());
    let plan = plan.ok_or_else(|| LakeError::NotFound("tariff bench/four-register".into()))?;
    let mut days: BTreeMap<Date, DayFiles> = BTreeMap::new();
    let terms = (1..=usage_points).map(|p| TermsRow {
        measured: match load {
            BenchLoad::Registers => Measured::Registers.code(),
            BenchLoad::Intervals => Measured::Intervals.code(),
        },
        ..TermsRow::household(p, p, plan, p)
    });
    let terms = lake.write_terms(ORG, DAY, 1, terms.collect())?.path;
    // Two days prepare registers and states; the third is measured.
    for (back, day) in
        [2, 1].into_iter().zip([DAY.yesterday().and_then(|d| d.yesterday()), DAY.yesterday()])
    {
        let day = day.map_err(|_| LakeError::Invalid("no day before".into()))?;
        let entry = days.entry(day).or_default();
        entry.terms = Some(terms.clone());
        fill(entry, deliver(&lake, day, usage_points, load)?, load);
        let done = settle::settle_day(&lake, ORG, day, 10 - 2 * back, &days, rules)?;
        commit(&mut days, &done.files);
    }
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
    let start = Stopwatch::now();
    let cpu_before = cpu_s();
    let delivered = deliver(&lake, DAY, usage_points, load)?;
    let ingest_s = start.elapsed().as_secs_f64();
    let read_bytes = delivered.bytes;
    let entry = days.entry(DAY).or_default();
    entry.terms = Some(terms);
    fill(entry, delivered, load);
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
    let start = Stopwatch::now();
    let done = settle::settle_day(&lake, ORG, DAY, 10, &days, rules)?;
    let settle_s = start.elapsed().as_secs_f64();
    Ok(BenchReport {
        usage_points,
        load,
        ingest_s,
        settle_s,
        cpu_s: cpu_s() - cpu_before,
        peak_mib: peak_mib(),
        bytes: (read_bytes, done.files.iter().map(|f| f.bytes).sum()),
        exceptions: done.exceptions.len(),
        read: done.totals.read,
        charge_units: done.totals.charge_units,
    })
}

fn fill(entry: &mut DayFiles, file: Manifest, load: BenchLoad) {
    match load {
        BenchLoad::Registers => entry.readings.push(file.path),
        BenchLoad::Intervals => entry.intervals.push(file.path),
    }
}

fn commit(days: &mut BTreeMap<Date, DayFiles>, files: &[Manifest]) {
    for file in files {
        days.entry(file.day).or_default().state.push(file.path.clone());
    }
}

/// A number between 0 and `below` that depends on its arguments only (SplitMix64).
fn draw(a: i64, b: i64, below: u64) -> i64 {
    let mut z = a.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = z.wrapping_add(b.cast_unsigned().wrapping_mul(0xBF58_476D_1CE4_E5B9));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    i64::try_from((z ^ (z >> 31)) % below.max(1)).unwrap_or(0)
}

fn deliver(
    lake: &Lake,
    day: Date,
    usage_points: i64,
    load: BenchLoad,
) -> Result<Manifest, LakeError> {
    match load {
        BenchLoad::Registers => registers(lake, day, usage_points),
        BenchLoad::Intervals => intervals(lake, day, usage_points),
    }
}

/// About 8 kWh a day; four meters of a thousand stay silent.
fn registers(lake: &Lake, day: Date, usage_points: i64) -> Result<Manifest, LakeError> {
    let zone = Zone::utc().day(day)?;
    let at = zone.to().map_or(0, |at| at.micros());
    let number = i64::from(day_number(day));
    let mut file = lake.append_readings(ORG, day, 1)?;
    for point in 1..=usage_points {
        if draw(point, number, 1_000) < 4 {
            continue;
        }
        let mut row = ReadingRow {
            usage_point: point,
            at,
            meter: point,
            scale: 2,
            source: Source::Ami.code(),
            mark: Mark::RAW.code(),
            ..ReadingRow::default()
        };
        let mut total = 0;
        for (i, share) in [(1_i64, 60_i64), (2, 260), (3, 300), (4, 180)] {
            // A register grows every day by its share, give or take some.
            let base = draw(point, i, 500_000) + number * share;
            let value = base + draw(point, number * 8 + i, share.unsigned_abs() / 2);
            row.register[usize::try_from(i).unwrap_or(1)] = Some(value);
            total += value;
        }
        row.register[RegisterKind::Total.index()] = Some(total);
        file.push(row)?;
    }
    file.finish()
}

/// About 8 kWh a day in quarters; four intervals of a thousand are missing.
fn intervals(lake: &Lake, day: Date, usage_points: i64) -> Result<Manifest, LakeError> {
    let number = day_number(day);
    let mut file = lake.append_intervals(ORG, day, 1)?;
    for point in 1..=usage_points {
        for slot in 0..96_u16 {
            let dice = draw(point, i64::from(number) * 96 + i64::from(slot), 100_000);
            if dice < 400 {
                continue;
            }
            let wh = 40 + i32::try_from(dice % 80).unwrap_or(0);
            file.push(IntervalRow {
                usage_point: point,
                day: number,
                slot,
                minutes: 15,
                wh,
                flag: Mark::RAW.code(),
                source: Source::Ami.code(),
                revision: 0,
            })?;
        }
    }
    file.finish()
}

/// Processor seconds of this process so far, counted in hundredths by Linux.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|t| t.parse::<u32>().ok()).map(f64::from).sum::<f64>() / 100.0
}

/// The process's largest resident memory so far, in MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
