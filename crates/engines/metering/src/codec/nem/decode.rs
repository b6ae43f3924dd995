//! Decodes MDFF records from a stream, a day at a time.

use std::io::Read;

use super::{
    AccumulatedRead, Channel, Day, Header, Item, Options, Quality, Transaction, Version,
    fields::{date_time, is_other_unit, is_quality},
};
use crate::codec::{
    CodecError, Desk, Number, Report, Unit,
    cells::Cells,
    is_zip,
    lines::{LineFault, Lines},
    unzip,
};

const MINUTES_PER_DAY: u32 = 1_440;

/// Decodes a file that may be zipped. `name` is how problems call it.
///
/// # Errors
/// As [`decode`]; also when the container cannot be opened.
pub fn decode_bytes(
    bytes: &[u8],
    name: &str,
    options: Options,
    sink: &mut dyn FnMut(Item<'_>),
) -> Result<Report, CodecError> {
    if is_zip(bytes) {
        return unzip(bytes, name, options.limits, |_, stream| decode(stream, name, options, sink));
    }
    decode(bytes, name, options, sink)
}

/// Decodes NEM12 or NEM13 and hands what it holds to `sink`, in order.
///
/// # Errors
/// [`CodecError::Refused`] when the file has no header, is of another version, or has a bad
/// record under [`Policy::RefuseWhole`]; [`CodecError::Io`].
pub fn decode<R: Read>(
    source: R,
    name: &str,
    options: Options,
    sink: &mut dyn FnMut(Item<'_>),
) -> Result<Report, CodecError> {
    let mut lines = Lines::new(source, options.limits.line_bytes);
    let mut cells = Cells::new(b',');
    let mut decoder = Decoder {
        desk: Desk::new(name, options.policy, options.limits),
        header_required: options.header_required,
        sink,
        version: None,
        channel: None,
        day: None,
        skipped: false,
        ended: false,
    };
    while let Some(next) = lines.next() {
        let cut = next.map(|line| cells.cut(line));
        let at = lines.line();
        match cut {
            Ok(Ok(())) if cells.len() == 0 || cells.iter().all(str::is_empty) => {}
            Ok(Ok(())) => decoder.record(at, &cells)?,
            Ok(Err(fault)) => {
                let (code, words) = fault.words();
                decoder.desk.bad(at, code, words)?;
            }
            Err(LineFault::Io(error)) => return Err(decoder.desk.broken(at, error)),
            Err(fault) => {
                let (code, words) = fault.words().unwrap_or_default();
                decoder.desk.bad(at, code, words)?;
            }
        }
    }
    decoder.finish(lines.line(), lines.encoding())
}

/// A record that cannot be used: its code, and what is wrong.
type Fault = (&'static str, String);

fn fault<T>(code: &'static str, reason: impl Into<String>) -> Result<T, Fault> {
    Err((code, reason.into()))
}

struct Decoder<'a> {
    desk: Desk<'a>,
    header_required: bool,
    sink: &'a mut dyn FnMut(Item<'_>),
    version: Option<Version>,
    channel: Option<Channel>,
    /// The last 300, held back for the 400s that may follow.
    day: Option<Day>,
    /// Whether the last 300 could not be used: its 400s then say nothing about any other day.
    skipped: bool,
    ended: bool,
}

impl Decoder<'_> {
    fn record(&mut self, line: u64, cells: &Cells) -> Result<(), CodecError> {
        let kind = cells.get(0);
        if kind != "400" {
            self.flush()?;
        }
        if self.version.is_none() && kind == "200" && !self.header_required {
            self.version = Some(Version::Nem12);
            let (from, to) = (String::new(), String::new());
            let header = Header { version: Version::Nem12, created: None, from, to };
            (self.sink)(Item::Header(&header));
        }
        if self.version.is_none() && kind != "100" {
            let reason = "NEM Files must start with a 100 row";
            return Err(self.desk.refuse(line, "nem.no_header", reason));
        }
        self.desk.report.rows += 1;
        let done = match (kind, self.version) {
            ("100", _) => return self.header(line, cells),
            ("900", _) => {
                self.ended = true;
                Ok(())
            }
            ("200", Some(Version::Nem12)) => self.channel(cells),
            ("300", Some(Version::Nem12)) => self.day(line, cells),
            ("400", Some(Version::Nem12)) => self.event(cells),
            ("250", Some(Version::Nem13)) => self.read(line, cells),
            ("500", Some(Version::Nem12)) | ("550", Some(Version::Nem13)) => {
                self.transaction(line, cells)
            }
            (kind, _) if kind.parse::<u32>().is_ok() => fault(
                "nem.unknown_record",
                format!("record {kind} is not known in this version; it was skipped"),
            ),
            (kind, _) => fault(
                "nem.no_record",
                format!("\"{}\" is no record number (100, 200, 300 …)", cut(kind)),
            ),
        };
        match done {
            Ok(()) => Ok(()),
            Err((code, reason)) => self.desk.bad(line, code, reason),
        }
    }

    fn header(&mut self, line: u64, cells: &Cells) -> Result<(), CodecError> {
        let version = match cells.get(1) {
            "NEM12" => Version::Nem12,
            "NEM13" => Version::Nem13,
            other => {
                let reason = format!("Invalid NEM version {}", cut(other));
                return Err(self.desk.refuse(line, "nem.version", reason));
            }
        };
        if cells.len() < 5 {
            let reason = "the header has fewer than five fields";
            return Err(self.desk.refuse(line, "nem.short_header", reason));
        }
        if self.version.is_some_and(|first| first != version) {
            let reason = "a second header declares another version than the first";
            return Err(self.desk.refuse(line, "nem.version", reason));
        }
        self.version = Some(version);
        let header = Header {
            version,
            created: date_time(cells.get(2)),
            from: cells.get(3).to_owned(),
            to: cells.get(4).to_owned(),
        };
        (self.sink)(Item::Header(&header));
        Ok(())
    }

    fn channel(&mut self, cells: &Cells) -> Result<(), Fault> {
        // A channel that cannot be used must not leave its days to the one before it.
        self.channel = None;
        self.skipped = false;
        if cells.len() < 9 {
            return fault("nem.short_record", "record 200 needs at least nine fields");
        }
        let interval_min = cells.get(8).parse::<u32>().ok();
        let interval_min = interval_min.filter(|m| *m > 0 && MINUTES_PER_DAY.is_multiple_of(*m));
        let Some(interval_min) = interval_min else {
            let text = cut(cells.get(8));
            return fault("nem.interval_length", format!("\"{text}\" minutes do not divide a day"));
        };
        let unit = Unit::from_name(cells.get(7));
        if unit.is_none() && !is_other_unit(cells.get(7)) {
            let text = cut(cells.get(7));
            return fault("nem.unit", format!("\"{text}\" is no unit: kWh, Wh, kVArh, kW … are"));
        }
        if cells.get(1).is_empty() || cells.get(4).is_empty() {
            return fault("nem.no_channel", "record 200 names no NMI or no suffix");
        }
        let text = |i: usize| cells.get(i).to_owned();
        let channel = Channel {
            nmi: text(1),
            configuration: text(2),
            register_id: text(3),
            suffix: text(4),
            datastream: text(5),
            meter: text(6),
            unit_text: text(7),
            unit,
            interval_min,
            next_read: date_time(cells.get(9)),
        };
        (self.sink)(Item::Channel(&channel));
        self.channel = Some(channel);
        Ok(())
    }

    fn day(&mut self, line: u64, cells: &Cells) -> Result<(), Fault> {
        let Some(channel) = &self.channel else {
            return fault(
                "nem.no_channel",
                "record 300 comes without a usable record 200 before it",
            );
        };
        let count = usize::try_from(MINUTES_PER_DAY / channel.interval_min).unwrap_or(0);
        self.skipped = true;
        if cells.len() < count + 2 {
            let reason = format!(
                "record 300 for {} {} has {} fields, fewer than its {count} intervals need; \
                 the day was skipped",
                channel.nmi,
                channel.suffix,
                cells.len()
            );
            return fault("nem.short_day", reason);
        }
        if cells.len() < count + 6 {
            return fault(
                "nem.short_record",
                "record 300 ends before its quality and update fields",
            );
        }
        let Some(at) = date_time(cells.get(1)) else {
            return fault("nem.date", format!("\"{}\" is no date YYYYMMDD", cut(cells.get(1))));
        };
        let mut values = Vec::with_capacity(count);
        let mut wrong = None;
        for i in 2..2 + count {
            let value = match cells.get(i) {
                "" => None,
                text => Number::parse(text, b'.').map_err(|error| wrong = Some((i, error))).ok(),
            };
            values.push(value);
        }
        let quality = Quality {
            method: cells.get(2 + count).to_owned(),
            reason_code: cells.get(3 + count).to_owned(),
            reason: cells.get(4 + count).to_owned(),
        };
        let odd = !is_quality(&quality.method);
        self.skipped = false;
        self.day = Some(Day {
            line,
            date: at.date(),
            values,
            quality_of: vec![0; count],
            qualities: vec![quality],
            updated: date_time(cells.get(5 + count)),
            loaded: date_time(cells.get(6 + count)),
        });
        if let Some((i, error)) = wrong {
            let text = cut(cells.get(i));
            let reason = format!("interval {}: \"{text}\" {error}; it counts as missing", i - 1);
            return fault("nem.value", reason);
        }
        if odd {
            let text = cut(cells.get(2 + count));
            let reason = format!(
                "\"{text}\" stands where the quality flag (A, E.., S.., F.., N, V) should: \
                 does the interval length fit the number of values?"
            );
            return fault("nem.quality", reason);
        }
        Ok(())
    }

    fn event(&mut self, cells: &Cells) -> Result<(), Fault> {
        let quality = Quality {
            method: cells.get(3).to_owned(),
            reason_code: cells.get(4).to_owned(),
            reason: cells.get(5).to_owned(),
        };
        let Some(day) = &mut self.day else {
            if let (true, Some(channel)) = (self.skipped, &self.channel) {
                (self.sink)(Item::SkippedQuality(channel, &quality));
                return Ok(());
            }
            return fault("nem.no_day", "record 400 comes without a usable record 300 before it");
        };
        if cells.len() < 4 {
            return fault("nem.short_record", "record 400 needs at least four fields");
        }
        let number = |i: usize| cells.get(i).parse::<usize>().ok().filter(|n| *n > 0);
        let range = number(1).zip(number(2)).filter(|(from, to)| from <= to);
        let Some((from, to)) = range.filter(|(_, to)| *to <= day.quality_of.len()) else {
            let reason = format!(
                "intervals {} to {} are no range within 1 to {}",
                cut(cells.get(1)),
                cut(cells.get(2)),
                day.quality_of.len()
            );
            return fault("nem.range", reason);
        };
        let Ok(place) = u16::try_from(day.qualities.len()) else {
            return fault("nem.range", "more quality records than a day has intervals");
        };
        day.qualities.push(quality);
        if let Some(range) = day.quality_of.get_mut(from - 1..to) {
            range.fill(place);
        }
        if cells.len() < 6 {
            // What the record says is plain and counts, but the writer left out what it must have.
            return fault("nem.short_event", "record 400 needs six fields; its quality was taken");
        }
        Ok(())
    }

    fn read(&mut self, line: u64, cells: &Cells) -> Result<(), Fault> {
        if cells.len() < 23 {
            return fault("nem.short_record", "record 250 needs 23 fields");
        }
        let number = |i: usize| match Number::parse(cells.get(i), b'.') {
            Ok(number) => Ok(number),
            Err(error) => fault("nem.value", format!("\"{}\" {error}", cut(cells.get(i)))),
        };
        let moment = |i: usize| match date_time(cells.get(i)) {
            Some(at) => Ok(at),
            None => fault("nem.date", format!("\"{}\" is no date and time", cut(cells.get(i)))),
        };
        let quality = |i: usize| Quality {
            method: cells.get(i).to_owned(),
            reason_code: cells.get(i + 1).to_owned(),
            reason: cells.get(i + 2).to_owned(),
        };
        let Some(unit) = Unit::from_name(cells.get(19)) else {
            return fault("nem.unit", format!("\"{}\" is no unit", cut(cells.get(19))));
        };
        let text = |i: usize| cells.get(i).to_owned();
        let read = AccumulatedRead {
            line,
            nmi: text(1),
            register_id: text(3),
            suffix: text(4),
            meter: text(6),
            direction: text(7),
            previous: number(8)?,
            previous_at: moment(9)?,
            previous_quality: quality(10),
            current: number(13)?,
            current_at: moment(14)?,
            current_quality: quality(15),
            quantity: number(18)?,
            unit_text: text(19),
            unit,
        };
        self.desk.report.kept += 1;
        (self.sink)(Item::Read(&read));
        Ok(())
    }

    fn transaction(&mut self, line: u64, cells: &Cells) -> Result<(), Fault> {
        if cells.len() < 5 {
            return fault("nem.short_record", "a transaction record needs five fields");
        }
        let from = if cells.get(0) == "550" { 3 } else { 1 };
        let (code, service_order) = (cells.get(from).to_owned(), cells.get(from + 1).to_owned());
        (self.sink)(Item::Transaction(&Transaction { line, code, service_order }));
        Ok(())
    }

    /// Hands over the day that was held back.
    fn flush(&mut self) -> Result<(), CodecError> {
        let Some(day) = self.day.take() else { return Ok(()) };
        let Some(channel) = &self.channel else { return Ok(()) };
        let open = day.quality_of.iter().filter(|place| **place == 0).count();
        if open > 0 && day.qualities.first().is_some_and(|quality| quality.method == "V") {
            let reason = format!(
                "the day's quality is V (varies) but no record 400 covers {open} of its intervals"
            );
            self.desk.bad(day.line, "nem.uncovered", reason)?;
        }
        self.desk.report.kept += 1;
        self.desk.report.missing +=
            u64::try_from(day.values.iter().filter(|v| v.is_none()).count()).unwrap_or(0);
        (self.sink)(Item::Day(channel, &day));
        Ok(())
    }

    fn finish(mut self, line: u64, encoding: &'static str) -> Result<Report, CodecError> {
        self.flush()?;
        if self.version.is_none() {
            let reason = "NEM Files must start with a 100 row";
            return Err(self.desk.refuse(0, "nem.no_header", reason));
        }
        if !self.ended && self.header_required {
            let reason = "the end record (900) is missing: the file may have been cut off";
            self.desk.bad(line, "nem.no_end", reason)?;
        }
        self.desk.report.encoding = encoding;
        Ok(self.desk.report)
    }
}

/// A cell short enough for a message.
fn cut(text: &str) -> String {
    crate::codec::shortened(text)
}
