//! A file's content at a glance: readings, sum, ends and qualities of each channel, in the form
//! of the reference decodes that this format is tested against.

use std::collections::{BTreeSet, HashMap};

use jiff::{ToSpan, civil::DateTime};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Day, Header, Item, Options, Version, decode_bytes};
use crate::codec::{CodecError, Limits, Number, Problem};

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// `NEM12` or `NEM13`.
    pub header: &'static str,
    /// When the file was made: `2004-05-01 11:35:00`, or `None`.
    pub created: String,
    /// Channels by usage point, in the file's order.
    #[serde(serialize_with = "in_order")]
    pub nmis: Vec<(String, Vec<(String, ChannelSummary)>)>,
    /// What was odd and left out; not part of the printed form.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// What a channel holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChannelSummary {
    /// How many readings.
    pub n: u64,
    /// Their sum in the file's own unit.
    pub sum: f64,
    /// The start of the first.
    pub first: Option<String>,
    /// The end of the last.
    pub last_end: Option<String>,
    /// The unit as written.
    pub uom: String,
    /// The qualities that occur.
    pub quality: BTreeSet<String>,
}

/// A file that cannot be summarised; it prints as `{"error": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryError {
    /// The reason, after the kind of the error as the reference decoder names it.
    pub error: String,
    /// The same with file and line, for people.
    #[serde(skip)]
    pub message: String,
}

/// Problems that the reference decoder passes over: they leave out a day or a record, or concern
/// what it does not look at.
const PASSED_OVER: [&str; 6] = [
    "nem.short_day",
    "nem.quality",
    "nem.uncovered",
    "nem.no_end",
    "nem.unknown_record",
    "nem.value",
];

/// Decodes a NEM12 or NEM13 file, plain or zipped, and sums up its channels.
///
/// # Errors
/// [`SummaryError`] when the file is refused, or has a record that cannot be used.
pub fn decode_nem12_summary(bytes: &[u8], name: &str) -> Result<Summary, SummaryError> {
    let mut tally = Tally::default();
    let limits = Limits { problems: 100_000, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let report = decode_bytes(bytes, name, options, &mut |item| tally.take(&item));
    let report = report.map_err(|error| match error {
        CodecError::Refused(problem) => refused(&problem),
        CodecError::Io { .. } => {
            SummaryError { error: format!("OSError: {error}"), message: error.to_string() }
        }
    })?;
    let fatal = report.problems.iter().find(|p| !PASSED_OVER.contains(&p.code));
    // An accumulated read that cannot be used is no reading that could be missing.
    let fatal = fatal.or_else(|| {
        let values = tally.header.as_ref().is_some_and(|h| h.version == Version::Nem13);
        report.problems.iter().find(|p| values && p.code == "nem.value")
    });
    if let Some(problem) = fatal {
        return Err(refused(problem));
    }
    Ok(tally.summary(report.problems))
}

fn refused(problem: &Problem) -> SummaryError {
    let place = match (problem.code, problem.line) {
        ("nem.no_header" | "nem.version", _) | (_, 0) => String::new(),
        (_, line) => format!("Unable to parse line {line}: "),
    };
    SummaryError {
        error: format!("ValueError: {place}{}", problem.reason),
        message: problem.to_string(),
    }
}

#[derive(Default)]
struct Tally {
    header: Option<Header>,
    channels: Vec<Sums>,
    places: HashMap<(String, String), usize>,
    points: Vec<String>,
}

struct Sums {
    nmi: String,
    suffix: String,
    count: u64,
    sum: Number,
    first: Option<DateTime>,
    last_end: Option<DateTime>,
    unit: Option<String>,
    qualities: BTreeSet<String>,
}

impl Tally {
    fn take(&mut self, item: &Item<'_>) {
        match item {
            Item::Header(header) => {
                self.header.get_or_insert_with(|| (*header).clone());
            }
            Item::Channel(channel) => {
                self.place(&channel.nmi, &channel.suffix);
            }
            Item::Day(channel, day) => {
                let sums = self.place(&channel.nmi, &channel.suffix);
                sums.unit.get_or_insert_with(|| channel.unit_text.clone());
                sums.day(day, channel.interval_min);
            }
            Item::Read(read) => {
                let sums = self.place(&read.nmi, &read.suffix);
                sums.unit.get_or_insert_with(|| read.unit_text.clone());
                sums.count += 1;
                sums.add(read.quantity);
                sums.first.get_or_insert(read.previous_at);
                sums.last_end = Some(read.current_at);
                sums.qualities.insert(read.current_quality.method.clone());
            }
            Item::SkippedQuality(channel, quality) => {
                let sums = self.place(&channel.nmi, &channel.suffix);
                sums.qualities.insert(quality.method.clone());
            }
            Item::Transaction(_) => {}
        }
    }

    fn place(&mut self, nmi: &str, suffix: &str) -> &mut Sums {
        let key = (nmi.to_owned(), suffix.to_owned());
        let place = *self.places.entry(key).or_insert_with(|| {
            if !self.points.iter().any(|point| point == nmi) {
                self.points.push(nmi.to_owned());
            }
            self.channels.push(Sums {
                nmi: nmi.to_owned(),
                suffix: suffix.to_owned(),
                count: 0,
                sum: Number::default(),
                first: None,
                last_end: None,
                unit: None,
                qualities: BTreeSet::new(),
            });
            self.channels.len() - 1
        });
        &mut self.channels[place]
    }

    fn summary(self, problems: Vec<Problem>) -> Summary {
        let text = |at: DateTime| at.strftime("%Y-%m-%d %H:%M:%S").to_string();
        let (header, created) = match &self.header {
            Some(header) if header.version == Version::Nem13 => ("NEM13", header.created),
            Some(header) => ("NEM12", header.created),
            None => ("NEM12", None),
        };
        let mut nmis: Vec<(String, Vec<(String, ChannelSummary)>)> =
            self.points.into_iter().map(|nmi| (nmi, Vec::new())).collect();
        for sums in self.channels {
            let channel = ChannelSummary {
                n: sums.count,
                sum: sums.sum.nearest_f64(),
                first: sums.first.map(text),
                last_end: sums.last_end.map(text),
                uom: sums.unit.unwrap_or_default(),
                quality: sums.qualities,
            };
            if let Some((_, channels)) = nmis.iter_mut().find(|(nmi, _)| *nmi == sums.nmi) {
                channels.push((sums.suffix, channel));
            }
        }
        Summary { header, created: created.map_or_else(|| "None".to_owned(), text), nmis, problems }
    }
}

impl Sums {
    fn add(&mut self, value: Number) {
        // A sum that does not fit is no sum of readings; it shows as not a number.
        self.sum = self.sum.checked_add(value).unwrap_or(self.sum);
    }

    fn day(&mut self, day: &Day, interval_min: u32) {
        let start = day.date.at(0, 0, 0, 0);
        let minutes = i64::from(interval_min) * i64::try_from(day.values.len()).unwrap_or(0);
        self.first.get_or_insert(start);
        self.last_end = start.checked_add(minutes.minutes()).ok().or(self.last_end);
        self.count += u64::try_from(day.values.len()).unwrap_or(0);
        for value in day.values.iter().flatten() {
            self.add(*value);
        }
        for place in &day.quality_of {
            if let Some(quality) = day.qualities.get(usize::from(*place))
                && !self.qualities.contains(&quality.method)
            {
                self.qualities.insert(quality.method.clone());
            }
        }
    }
}

/// Writes pairs as an object, in their order.
fn in_order<S: Serializer>(
    points: &[(String, Vec<(String, ChannelSummary)>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    struct Channels<'a>(&'a [(String, ChannelSummary)]);
    impl Serialize for Channels<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(suffix, channel)| (suffix, channel)))
        }
    }
    let mut map = serializer.serialize_map(Some(points.len()))?;
    for (nmi, channels) in points {
        map.serialize_entry(nmi, &Channels(channels))?;
    }
    map.end()
}
