//! A file on disk to values, one after the other. Blocking; memory does not grow with the file,
//! except for zip containers and Green Button, which are bounded.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use metering::{
    codec::{
        CodecError, Limits, Policy, Problem, Report, Unit,
        curves_csv::{self, CurveRow},
        espi, gunzip,
        intervals_csv::{self, IntervalRow},
        is_gzip, is_zip, nem, registers_csv,
        registers_csv::RegisterRow,
        unzip,
    },
    reading::{Mark, RegisterKind, Registers, Source},
};
use sha2::{Digest, Sha256};

use crate::readings::{Form, ImportFile, ReadingError};

/// A zip file is held in memory while it is unpacked: no more of it than this.
const ZIP_BYTES: u64 = 256 << 20;
/// Bytes that tell how a file is laid out.
const HEAD: usize = 4_096;
/// The start of a bad line that is kept as evidence.
const EXCERPT: usize = 200;

/// One value of a file.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Registers at a moment.
    Registers(RegisterRow<'a>),
    /// Energy in a span.
    Interval(IntervalRow<'a>),
    /// Energy in every slot of a day.
    Curve(CurveRow<'a>),
}

/// Size and SHA-256 of a file, read once.
///
/// # Errors
/// [`ReadingError::File`].
pub fn fingerprint(path: &Path, name: &str) -> Result<(u64, String), ReadingError> {
    let failed = |error| ReadingError::File { file: name.to_owned(), error };
    let mut file = File::open(path).map_err(failed)?;
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0_u8; 1 << 16], 0_u64);
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    let hex = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((bytes, hex))
}

/// Decodes a file and hands each value to `sink`. `read` counts the bytes that were read.
///
/// # Errors
/// [`ReadingError::Codec`] when the file as a whole cannot be used.
pub fn decode_file(
    file: &ImportFile,
    zone: &str,
    read: &AtomicU64,
    sink: &mut dyn FnMut(Value<'_>),
) -> Result<Report, ReadingError> {
    if matches!(file.form, Form::Parquet) {
        return parquet(file, sink);
    }
    let failed = |error| ReadingError::File { file: file.name.clone(), error };
    let opened = File::open(&file.path).map_err(failed)?;
    let size = opened.metadata().map_err(failed)?.len();
    let source = BufReader::with_capacity(1 << 16, Counted { inner: opened, read });
    unpacked(source, size, &file.name, |stream| decode(file, zone, stream, sink))
}

/// Hands the content of a stream to `read`, unpacked where it is a zip file or gzipped.
fn unpacked<T>(
    mut source: impl BufRead,
    size: u64,
    name: &str,
    read: impl FnOnce(&mut dyn Read) -> Result<T, CodecError>,
) -> Result<T, ReadingError> {
    let failed = |error| ReadingError::File { file: name.to_owned(), error };
    let limits = Limits::default();
    let start = source.fill_buf().map_err(failed)?;
    if is_gzip(start) {
        return Ok(read(&mut gunzip(source, size, limits))?);
    }
    if !is_zip(start) {
        return Ok(read(&mut source)?);
    }
    if size > ZIP_BYTES {
        let reason = "a zip file of more than 256 MiB is not unpacked in memory: unpack it first";
        return Err(CodecError::Refused(Problem {
            file: name.to_owned(),
            line: 0,
            code: "limit.zip",
            reason: reason.to_owned(),
        })
        .into());
    }
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(failed)?;
    Ok(unzip(&bytes, name, limits, |_, stream| read(stream))?)
}

/// The first bytes of what a file holds, unpacked: enough to see how it is laid out.
///
/// # Errors
/// As [`decode_file`].
pub fn head_of(path: &Path, name: &str) -> Result<Vec<u8>, ReadingError> {
    let failed = |error| ReadingError::File { file: name.to_owned(), error };
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    unpacked(BufReader::new(file), size, name, |stream| {
        let mut head = Vec::with_capacity(HEAD);
        // What breaks within the first bytes is told, with its place, when the file is read.
        let _ = stream.take(HEAD as u64).read_to_end(&mut head);
        Ok(head)
    })
}

fn decode<R: Read>(
    file: &ImportFile,
    zone: &str,
    source: R,
    sink: &mut dyn FnMut(Value<'_>),
) -> Result<Report, CodecError> {
    // Problems are gathered under both policies: whoever is refused learns all that is wrong.
    let (policy, limits, name) = (Policy::KeepGood, Limits::default(), file.name.as_str());
    match &file.form {
        Form::Registers => {
            let mut sink = |row: RegisterRow<'_>| sink(Value::Registers(row));
            registers_csv::decode(source, name, zone, file.source, policy, limits, &mut sink)
        }
        Form::Intervals => {
            let mut sink = |row: IntervalRow<'_>| sink(Value::Interval(row));
            intervals_csv::decode(source, name, zone, policy, limits, &mut sink)
        }
        Form::Curves => {
            let mut sink = |row: CurveRow<'_>| sink(Value::Curve(row));
            curves_csv::decode(source, name, policy, limits, &mut sink)
        }
        Form::Profile(profile) => {
            let mut sink = |row: IntervalRow<'_>| sink(Value::Interval(row));
            intervals_csv::decode_with(source, name, profile, policy, limits, &mut sink)
        }
        Form::Nem => {
            let mut wrong = Wrong::default();
            let mut sink = |item: nem::Item<'_>| nem_item(&item, file.source, &mut wrong, sink);
            // Exports that retailers make for customers often lack the header.
            let options = nem::Options { policy, limits, header_required: false };
            let report = nem::decode(source, name, options, &mut sink)?;
            Ok(with_problems(report, name, wrong))
        }
        Form::GreenButton => {
            let (feed, report) = espi::read(source, name, policy, limits)?;
            let mut wrong = Wrong::default();
            feed_values(&feed, file.source, &mut wrong, sink);
            Ok(with_problems(report, name, wrong))
        }
        // Read by its columns, not as a stream.
        Form::Parquet => Ok(Report::default()),
    }
}

/// The rows of a Parquet file. What cannot be read at all is a refused file, not a broken lake.
fn parquet(file: &ImportFile, sink: &mut dyn FnMut(Value<'_>)) -> Result<Report, ReadingError> {
    let (mut report, mut wrong) = (Report::default(), Wrong::default());
    let rows = lake::import::parquet_readings(&file.path, |row| {
        match row {
            Ok(row) => {
                report.kept += 1;
                sink(Value::Registers(RegisterRow {
                    line: row.row,
                    usage_point: &row.usage_point,
                    meter: row.meter.as_deref().unwrap_or_default(),
                    at: row.at,
                    registers: row.registers,
                    source: file.source,
                    mark: Mark::RAW,
                    revision: row.revision,
                }));
            }
            Err(bad) => {
                wrong.push((bad.row, "parquet.row", format!("{}: {}", bad.column, bad.reason)));
            }
        }
        Ok(())
    });
    report.rows = rows.map_err(|error| {
        ReadingError::Codec(CodecError::Refused(Problem {
            file: file.name.clone(),
            line: 0,
            code: "parquet.file",
            reason: error.to_string(),
        }))
    })?;
    Ok(with_problems(report, &file.name, wrong))
}

/// What is wrong with values that a codec took: the first word for word, all counted.
#[derive(Default)]
struct Wrong {
    first: Vec<(u64, &'static str, String)>,
    count: u64,
}

impl Wrong {
    fn push(&mut self, problem: (u64, &'static str, String)) {
        self.count += 1;
        if self.first.len() < Limits::default().problems {
            self.first.push(problem);
        }
    }
}

fn with_problems(mut report: Report, name: &str, wrong: Wrong) -> Report {
    report.problem_count += wrong.count;
    let problem = |(line, code, reason)| Problem { file: name.to_owned(), line, code, reason };
    report.problems.extend(wrong.first.into_iter().map(problem));
    report
}

/// A day or a read of a NEM file. The first import channel of a connection point is the usage
/// point itself; a further one (controlled load) is the usage point `NMI-E2`.
fn nem_item(
    item: &nem::Item<'_>,
    source: Source,
    wrong: &mut Wrong,
    sink: &mut dyn FnMut(Value<'_>),
) {
    match item {
        nem::Item::Day(channel, day) => {
            let Some(register) = nem::register_of_suffix(&channel.suffix) else { return };
            let point = point_of(channel, register);
            match day.block(channel) {
                Ok(block) => {
                    let seconds = i64::from(block.interval_s());
                    for (from, value, mark) in block.iter() {
                        sink(Value::Interval(IntervalRow {
                            line: day.line,
                            usage_point: &point,
                            register,
                            from,
                            to: from.plus_seconds(seconds),
                            value,
                            scale: block.scale(),
                            mark,
                        }));
                    }
                }
                Err(reason) => wrong.push((day.line, "nem.day", reason)),
            }
        }
        nem::Item::Read(read) => {
            let readings = [
                (&read.previous, read.previous_at, &read.previous_quality),
                (&read.current, read.current_at, &read.current_quality),
            ];
            for (number, at, quality) in readings {
                match nem_read(read, number, source, (at, quality)) {
                    Ok(row) => sink(Value::Registers(row)),
                    Err(reason) => wrong.push((read.line, "nem.read", reason)),
                }
            }
        }
        _ => {}
    }
}

fn point_of(channel: &nem::Channel, register: RegisterKind) -> String {
    let first = |suffix: &str| suffix.get(1..).is_none_or(|n| n == "1" || n.is_empty());
    if register != RegisterKind::Total || first(&channel.suffix) {
        channel.nmi.clone()
    } else {
        format!("{}-{}", channel.nmi, channel.suffix)
    }
}

fn nem_read<'a>(
    read: &'a nem::AccumulatedRead,
    number: &metering::codec::Number,
    source: Source,
    (at, quality): (jiff::civil::DateTime, &nem::Quality),
) -> Result<RegisterRow<'a>, String> {
    let kind = if read.direction == "I" { RegisterKind::ExportTotal } else { RegisterKind::Total };
    if read.unit.kept_in() != kind.unit() {
        return Err(format!("a register in {} is not billed, only one in kWh", read.unit_text));
    }
    let (value, scale) = number.kept(read.unit, None).map_err(|error| error.to_string())?;
    let mut registers = Registers::new(scale).map_err(|error| error.to_string())?;
    registers.set(kind, Some(value));
    Ok(RegisterRow {
        line: read.line,
        usage_point: &read.nmi,
        meter: "",
        at: nem::market_instant(at).ok_or("the time is out of range")?,
        registers,
        source,
        mark: nem::mark_of_quality(&quality.method),
        revision: 0,
    })
}

/// The values of a Green Button feed: intervals, and registers where a series accumulates.
fn feed_values(
    feed: &espi::Feed,
    source: Source,
    wrong: &mut Wrong,
    sink: &mut dyn FnMut(Value<'_>),
) {
    for point in &feed.usage_points {
        for series in &point.series {
            let kind = series.reading_type;
            let (Some(register), Unit::Wh | Unit::Varh) = (kind.register, kind.unit) else {
                wrong.push((0, "espi.not_energy", format!("series {} is no energy", series.id)));
                continue;
            };
            for reading in &series.readings {
                let Some((value, scale)) = kind.kept(reading.value) else {
                    wrong.push((0, "espi.value", format!("{} is too large", reading.value)));
                    continue;
                };
                let to = reading.from.plus_seconds(i64::from(reading.duration_s));
                let (name, mark) = (point.id.as_str(), reading.mark);
                match kind.accumulation {
                    1 | 3 => {
                        sink_register((name, source, mark), register, to, (value, scale), sink);
                    }
                    _ => sink(Value::Interval(IntervalRow {
                        line: 0,
                        usage_point: name,
                        register,
                        from: reading.from,
                        to,
                        value: Some(value),
                        scale,
                        mark,
                    })),
                }
            }
        }
    }
}

fn sink_register(
    (usage_point, source, mark): (&str, Source, Mark),
    register: RegisterKind,
    at: kernel::Instant,
    (value, scale): (i64, u8),
    sink: &mut dyn FnMut(Value<'_>),
) {
    // The scale was checked when the value was kept.
    let Ok(mut registers) = Registers::new(scale) else { return };
    registers.set(register, Some(value));
    let row =
        RegisterRow { line: 0, usage_point, meter: "", at, registers, source, mark, revision: 0 };
    sink(Value::Registers(row));
}

/// The starts of some lines of a text file, as evidence of what was wrong. Zipped and binary
/// files have none.
///
/// # Errors
/// [`ReadingError::File`].
pub fn lines_of(
    path: &Path,
    name: &str,
    wanted: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, String>, ReadingError> {
    let failed = |error| ReadingError::File { file: name.to_owned(), error };
    let mut found = BTreeMap::new();
    let Some(last) = wanted.last().copied() else { return Ok(found) };
    let mut source = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
    let start_of_file = source.fill_buf().map_err(failed)?;
    let packed = is_zip(start_of_file) || is_gzip(start_of_file);
    if packed || start_of_file.starts_with(b"PAR1") {
        return Ok(found);
    }
    let mut line = 1;
    let mut start = Vec::with_capacity(EXCERPT);
    while line <= last {
        let buffer = source.fill_buf().map_err(failed)?;
        if buffer.is_empty() {
            break;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        if wanted.contains(&line) && start.len() < EXCERPT {
            let room = EXCERPT - start.len();
            start.extend_from_slice(&part[..part.len().min(room)]);
        }
        let used = part.len() + usize::from(end.is_some());
        source.consume(used);
        if end.is_some() {
            if wanted.contains(&line) {
                found.insert(line, excerpt(&start));
                start.clear();
            }
            line += 1;
        }
    }
    if !start.is_empty() {
        found.insert(line, excerpt(&start));
    }
    Ok(found)
}

fn excerpt(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) if bytes.len() - error.valid_up_to() < 4 => {
            String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned()
        }
        Err(_) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
    };
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A stream that says how far it is.
struct Counted<'a, R> {
    inner: R,
    read: &'a AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
