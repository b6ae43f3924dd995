//! The files of `lamplight indices`: interruptions, customers served, daily SAIDI. Columns are
//! found by their names in the header (docs/reliability.md); what is not named is not read.

use std::{collections::HashMap, io::Read};

use csv::{ByteRecord, ReaderBuilder};
use kernel::{Date, Zone, parse_decimal};

use super::{Interruption, KindId, ReliabilityError, Rules, Served, major::Day};

/// Lines of a file.
const LINES_MAX: u32 = 50_000_000;

/// The end of what has not ended, when nobody says until when it is counted.
const NOT_ENDED: i64 = i64::MAX;

/// How a file of interruptions is to be read.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// The kinds that the file may name.
    pub rules: &'a Rules,
    /// Whose local time a time without offset is.
    pub zone: &'a Zone,
    /// When the file was made, in seconds: what has not ended has lasted until then. Without it
    /// such a row cannot be counted.
    pub as_of_s: Option<i64>,
    /// When a row begins that says only how many minutes it lasted.
    pub without_start_s: i64,
    /// Whether a row that cannot be an interruption (not ended, ended before it began, longer than
    /// `longest_s`) refuses the file; otherwise it is left out and told.
    pub strict: bool,
    /// Longer rows are mistakes of a feed.
    pub longest_s: i64,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read1366 {
    /// The rows.
    pub rows: Vec<Interruption>,
    /// Names of the groups; rows name their place.
    pub groups: Vec<String>,
    /// Lines left out, and why.
    pub left_out: Vec<(u32, &'static str)>,
    /// Whether the rows say when they began.
    pub dated: bool,
}

/// The columns of interruptions, as places in a line.
struct Columns {
    point: Option<usize>,
    event: Option<usize>,
    group: Option<usize>,
    customers: Option<usize>,
    kva: Option<usize>,
    kind: Option<usize>,
    start: Option<usize>,
    end: Option<usize>,
    seen: Option<(usize, usize)>,
    minutes: Option<usize>,
}

/// Reads interruptions.
///
/// # Errors
/// [`ReliabilityError::File`] for a header that lacks a column, [`ReliabilityError::Row`] with
/// the line for a value that cannot be read.
pub fn interruptions(
    input: impl Read,
    reading: &Reading<'_>,
) -> Result<Read1366, ReliabilityError> {
    let mut reader = ReaderBuilder::new().flexible(false).from_reader(input);
    let columns = columns(reader.byte_headers().map_err(|error| file(&error))?)?;
    let mut read = Read1366 {
        rows: Vec::new(),
        groups: vec![String::new()],
        left_out: Vec::new(),
        dated: columns.start.is_some(),
    };
    let mut names = Names::default();
    let mut groups = HashMap::from([(Vec::new(), 0_u32)]);
    let mut record = ByteRecord::new();
    let mut line: u32 = 1;
    while reader.read_byte_record(&mut record).map_err(|error| file(&error))? {
        line += 1;
        if line > LINES_MAX {
            return Err(ReliabilityError::Overflow("lines"));
        }
        let fields = Fields { record: &record, line };
        let mut row = fields.interruption(&columns, reading, &mut names)?;
        if let Some(name) = columns.group.and_then(|at| record.get(at)) {
            row.group = *groups.entry(name.to_vec()).or_insert_with(|| {
                read.groups.push(String::from_utf8_lossy(name).into_owned());
                u32::try_from(read.groups.len() - 1).unwrap_or(u32::MAX)
            });
        }
        match doubt(&row, reading) {
            Some(reason) if reading.strict => return Err(fields.wrong(reason)),
            Some(reason) => read.left_out.push((line, reason)),
            None => read.rows.push(row),
        }
    }
    Ok(read)
}

/// What is wrong with the times of a row.
fn doubt(row: &Interruption, reading: &Reading<'_>) -> Option<&'static str> {
    let seconds = row.ended_s.saturating_sub(row.began_s);
    if row.ended_s == NOT_ENDED {
        Some("it has not ended; say until when it is counted")
    } else if seconds <= 0 {
        Some("it does not end after it began")
    } else if seconds > reading.longest_s {
        Some("it is longer than can be")
    } else {
        None
    }
}

fn columns(header: &ByteRecord) -> Result<Columns, ReliabilityError> {
    let find = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| {
            header.iter().position(|cell| cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        });
        found.next()
    };
    let columns = Columns {
        point: find(&["usage_point", "user"]),
        event: find(&["event", "incident"]),
        group: find(&["group"]),
        customers: find(&["customers", "cust_max"]),
        kva: find(&["kva"]),
        kind: find(&["kind"]),
        start: find(&["start"]),
        end: find(&["end"]),
        seen: find(&["last_seen"]).zip(find(&["gone_by"])),
        minutes: find(&["minutes"]),
    };
    let lacks =
        |what: &str| Err(ReliabilityError::File(format!("the header has no column {what}")));
    if columns.point.is_none() && columns.customers.is_none() {
        return lacks("usage_point or customers");
    }
    if columns.minutes.is_none() && columns.start.is_none() {
        return lacks("start (or minutes)");
    }
    if columns.minutes.is_none() && columns.end.is_none() && columns.seen.is_none() {
        return lacks("end (or minutes, or last_seen and gone_by)");
    }
    Ok(columns)
}

/// Words as numbers: a word that is no number gets one above all that were used.
#[derive(Default)]
struct Names(HashMap<Vec<u8>, u64>);

impl Names {
    fn number(&mut self, column: u8, name: &[u8]) -> u64 {
        let next = self.0.len() as u64;
        let key = [&[column], name].concat();
        *self.0.entry(key).or_insert(next)
    }
}

struct Fields<'a> {
    record: &'a ByteRecord,
    line: u32,
}

impl Fields<'_> {
    fn wrong(&self, reason: impl Into<String>) -> ReliabilityError {
        ReliabilityError::Row { line: self.line, reason: reason.into() }
    }

    /// The value of a column; nothing when it is absent or empty.
    fn text(&self, column: Option<usize>) -> Option<&str> {
        let text = column.and_then(|at| self.record.get(at)).map(<[u8]>::trim_ascii)?;
        std::str::from_utf8(text).ok().filter(|text| !text.is_empty())
    }

    fn number(&self, column: Option<usize>, name: &str) -> Result<Option<u32>, ReliabilityError> {
        let number = |text: &str| {
            text.parse().map_err(|_| self.wrong(format!("{name} {text:?} is no whole number")))
        };
        self.text(column).map(number).transpose()
    }

    fn instant(&self, text: &str, zone: &Zone) -> Result<i64, ReliabilityError> {
        if let Ok(seconds) = text.parse::<i64>() {
            return Ok(seconds);
        }
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Ok(at.as_second());
        }
        let local = text.parse::<jiff::civil::DateTime>().ok();
        let at = local.and_then(|local| zone.instant_of(local).ok());
        at.map(|at| at.micros().div_euclid(1_000_000)).ok_or_else(|| {
            let hint = "write Unix seconds, 2026-07-08T10:15:00Z or local 2026-07-08T10:15:00";
            self.wrong(format!("{text:?} is no time: {hint}"))
        })
    }

    fn interruption(
        &self,
        columns: &Columns,
        reading: &Reading<'_>,
        names: &mut Names,
    ) -> Result<Interruption, ReliabilityError> {
        let zone = reading.zone;
        let began_s = match self.text(columns.start) {
            Some(text) => self.instant(text, zone)?,
            None if columns.start.is_none() => reading.without_start_s,
            None => return Err(self.wrong("start is empty")),
        };
        let ended_s = self.end(columns, began_s, reading)?;
        let point = self.text(columns.point).map(|name| names.number(0, name.as_bytes()));
        let customers = match (point, self.number(columns.customers, "customers")?) {
            (_, Some(customers)) => customers,
            (Some(_), None) => 1,
            (None, None) => return Err(self.wrong("neither usage_point nor customers is given")),
        };
        Ok(Interruption {
            line: self.line,
            point,
            event: self.text(columns.event).map(|name| names.number(1, name.as_bytes())),
            customers,
            kva: self.number(columns.kva, "kva")?.unwrap_or(0),
            kind: self.kind(columns, reading.rules)?,
            group: 0,
            began_s,
            ended_s,
        })
    }

    fn end(
        &self,
        columns: &Columns,
        began_s: i64,
        reading: &Reading<'_>,
    ) -> Result<i64, ReliabilityError> {
        if let Some(text) = self.text(columns.minutes) {
            // Six decimals of a minute, rounded to the second.
            let parts = parse_decimal(text, 6, "minutes").map_err(|e| self.wrong(e.to_string()))?;
            let micros = i128::from(parts) * 60;
            let seconds = (micros + 500_000).div_euclid(1_000_000);
            let end = i64::try_from(seconds).ok().and_then(|s| began_s.checked_add(s));
            return end.ok_or_else(|| self.wrong("minutes is too large"));
        }
        if let Some(text) = self.text(columns.end) {
            return self.instant(text, reading.zone);
        }
        let looks =
            columns.seen.and_then(|(seen, gone)| self.text(Some(seen)).zip(self.text(Some(gone))));
        if let Some((seen, gone)) = looks {
            // A feed that is looked at now and then: it ended between two looks.
            let seen = self.instant(seen, reading.zone)?;
            return Ok(seen.midpoint(self.instant(gone, reading.zone)?));
        }
        Ok(reading.as_of_s.unwrap_or(NOT_ENDED))
    }

    fn kind(&self, columns: &Columns, rules: &Rules) -> Result<KindId, ReliabilityError> {
        let word = self.text(columns.kind).unwrap_or("fault");
        rules.kind(word).ok_or_else(|| {
            let known: Vec<&str> = rules.kinds.iter().map(|kind| kind.id.as_str()).collect();
            self.wrong(format!("kind {word:?} is not in the rules; write {}", known.join(", ")))
        })
    }
}

fn file(error: &csv::Error) -> ReliabilityError {
    ReliabilityError::File(error.to_string())
}

/// Reads customers served: `customers`, and with several rows `from`, the first day of each
/// number. The average weighs each by its days in the period.
///
/// # Errors
/// As [`interruptions`]; [`ReliabilityError::Basis`] when nobody was served.
pub fn served(input: impl Read, from: Date, to: Date) -> Result<Served, ReliabilityError> {
    let mut reader = ReaderBuilder::new().from_reader(input);
    let header = reader.byte_headers().map_err(|error| file(&error))?.clone();
    let column = |name: &[u8]| header.iter().position(|cell| cell.trim_ascii() == name);
    let customers = column(b"customers")
        .ok_or_else(|| ReliabilityError::File("the header has no column customers".to_owned()))?;
    let since = column(b"from");
    let mut steps: Vec<(Date, u64)> = Vec::new();
    for (line, record) in (2..).zip(reader.byte_records()) {
        let record = record.map_err(|error| file(&error))?;
        let fields = Fields { record: &record, line };
        let count = fields.number(Some(customers), "customers")?;
        let count = count.ok_or_else(|| fields.wrong("customers is empty"))?;
        let first = match fields.text(since) {
            Some(text) => text.parse().map_err(|_| fields.wrong("from is no date 2026-01-31"))?,
            None => from,
        };
        steps.push((first, u64::from(count)));
    }
    steps.sort_unstable();
    let twice = steps.windows(2).any(|pair| pair[0].0 == pair[1].0);
    if twice || steps.first().is_none_or(|first| first.0 > from) {
        let text = "customers served must begin on or before the first day, one number a day";
        return Err(ReliabilityError::File(text.to_owned()));
    }
    let ends = steps.iter().skip(1).map(|step| step.0).chain([to]);
    let spans: Vec<(u64, u32)> = steps
        .iter()
        .zip(ends)
        .map(|((first, count), end)| {
            let days = (end.min(to) - (*first).max(from)).get_days();
            (*count, u32::try_from(days).unwrap_or(0))
        })
        .collect();
    Served::average(&spans)
}

/// Reads daily SAIDI: `day` and `saidi_min` (or `saidi_day`), minutes with up to nine decimals;
/// optionally `ci`, customers interrupted.
///
/// # Errors
/// As [`interruptions`].
pub fn daily(input: impl Read) -> Result<Vec<Day>, ReliabilityError> {
    let mut reader = ReaderBuilder::new().from_reader(input);
    let header = reader.byte_headers().map_err(|error| file(&error))?.clone();
    let column = |name: &[u8]| header.iter().position(|cell| cell.trim_ascii() == name);
    let lacks = |what: &str| ReliabilityError::File(format!("the header has no column {what}"));
    let day = column(b"day").ok_or_else(|| lacks("day"))?;
    let saidi = column(b"saidi_min").or_else(|| column(b"saidi_day"));
    let saidi = saidi.ok_or_else(|| lacks("saidi_min"))?;
    let count = column(b"ci");
    let mut days = Vec::new();
    for (line, record) in (2..).zip(reader.byte_records()) {
        let record = record.map_err(|error| file(&error))?;
        let fields = Fields { record: &record, line };
        let on = fields.text(Some(day)).and_then(|text| text.parse().ok());
        let text = fields.text(Some(saidi)).ok_or_else(|| fields.wrong("SAIDI is empty"))?;
        let parts = parse_decimal(text, 9, "SAIDI").map_err(|e| fields.wrong(e.to_string()))?;
        if parts < 0 {
            return Err(fields.wrong("SAIDI is below zero"));
        }
        days.push(Day {
            on: on.ok_or_else(|| fields.wrong("day is no date 2026-01-31"))?,
            saidi_nmin: i128::from(parts),
            interruptions: fields.number(count, "ci")?.map(i128::from),
        });
        if line > LINES_MAX {
            return Err(ReliabilityError::Overflow("lines"));
        }
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reliability::DEFAULT_RULES;

    fn read(text: &str, strict: bool) -> Result<Read1366, ReliabilityError> {
        let rules = Rules::parse(DEFAULT_RULES)?;
        let zone = Zone::get("Asia/Shanghai").unwrap();
        let reading = Reading {
            rules: &rules,
            zone: &zone,
            as_of_s: None,
            without_start_s: 0,
            strict,
            longest_s: 86_400 * 366,
        };
        interruptions(text.as_bytes(), &reading)
    }

    #[test]
    fn columns_are_found_by_name_and_times_in_three_forms() {
        let text = "kind,usage_point,group,start,end\n\
                    planned,M-1,north,2026-07-08T10:00,2026-07-08T11:00:00\n\
                    ,M-2,south,2026-07-08T02:00:00Z,1783479600\n\
                    fault,M-1,north,1783476000,1783476060\n";
        let read = read(text, true).unwrap();
        assert_eq!(read.groups, ["", "north", "south"]);
        let began: Vec<i64> = read.rows.iter().map(|row| row.began_s).collect();
        assert_eq!(began, [1_783_476_000; 3]);
        let ended: Vec<i64> = read.rows.iter().map(|row| row.ended_s - row.began_s).collect();
        assert_eq!(ended, [3_600, 3_600, 60]);
        assert_eq!(read.rows[0].point, read.rows[2].point);
        assert_ne!(read.rows[0].point, read.rows[1].point);
        assert_eq!((read.rows[1].line, read.rows[1].group), (3, 2));
    }

    #[test]
    fn an_end_between_two_looks_is_taken_in_the_middle() {
        let read = read("customers,start,last_seen,gone_by\n9,0,600,1201\n", true).unwrap();
        assert_eq!((read.rows[0].customers, read.rows[0].ended_s), (9, 900));
    }

    #[test]
    fn minutes_alone_are_enough() {
        let read = read("minutes,customers,kva\n8.1667,200,800\n", true).unwrap();
        assert_eq!((read.rows[0].ended_s, read.rows[0].kva, read.dated), (490, 800, false));
    }

    #[test]
    fn bad_times_refuse_the_file_or_are_left_out_and_told() {
        let text = "customers,start,end\n1,100,100\n2,100,\n3,100,200\n4,-61548270000,200\n";
        assert!(read(text, true).unwrap_err().to_string().starts_with("line 2: "));
        let lenient = read(text, false).unwrap();
        assert_eq!(lenient.rows.len(), 1);
        let lines: Vec<u32> = lenient.left_out.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 5]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_line() {
        for (text, said) in [
            ("customers,start\n", "no column end"),
            ("start,end\n", "usage_point or customers"),
            ("customers,start,end\n1,yesterday,5\n", "line 2: \"yesterday\" is no time"),
            ("customers,start,end\n1.5,1,5\n", "line 2: customers \"1.5\""),
            ("customers,start,end,kind\n1,1,5,weather\n", "kind \"weather\" is not in the rules"),
            ("customers,start,end\n1,1\n", "found record with 2 fields"),
        ] {
            let error = read(text, false).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn daily_saidi_is_exact_to_nine_decimals() {
        let days = daily("day,saidi_day,ci\n2026-01-01,3.729164,5\n".as_bytes()).unwrap();
        assert_eq!((days[0].saidi_nmin, days[0].interruptions), (3_729_164_000, Some(5)));
        for text in ["day\n", "day,saidi_min\nmonday,1\n", "day,saidi_min\n2026-01-01,-1\n"] {
            assert!(daily(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn customers_served_must_be_known_from_the_first_day() {
        let of = |text: &str| {
            let day = |day| jiff::civil::date(2026, 1, day);
            served(text.as_bytes(), day(1), day(31))
        };
        assert_eq!(of("customers\n100\n").unwrap(), Served::average(&[(100, 30)]).unwrap());
        assert!(of("from,customers\n2026-01-02,100\n").is_err());
        assert!(of("from,customers\n2026-01-01,100\n2026-01-01,110\n").is_err());
        assert!(of("customers\n0\n").is_err());
    }
}
