//! Reads a Green Button feed.

use std::io::Read;

use kernel::Instant;
use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event},
    reader::Reader,
};

use super::{Feed, Reading, join::join};
use crate::{
    codec::{CodecError, Desk, Guarded, Limits, Policy, Report, shortened},
    reading::Mark,
};

/// Elements nested deeper than any feed's.
const DEPTH: usize = 32;

/// Reads a feed. The document is held in memory while it is read, up to
/// [`Limits::document_bytes`].
///
/// # Errors
/// [`CodecError::Refused`] when it is too large, no XML, or no feed, or for the first bad reading
/// under [`Policy::RefuseWhole`]; [`CodecError::Io`].
pub fn read<R: Read>(
    source: R,
    name: &str,
    policy: Policy,
    limits: Limits,
) -> Result<(Feed, Report), CodecError> {
    let desk = Desk::new(name, policy, limits);
    let mut bytes = Vec::new();
    let limit = u64::try_from(limits.document_bytes).unwrap_or(u64::MAX);
    Guarded::new(source, limit).read_to_end(&mut bytes).map_err(|error| desk.broken(0, error))?;
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{FEFF}'),
        Err(error) => {
            let line = line_at(&bytes, error.valid_up_to());
            return Err(desk.refuse(line, "text.undecodable", "the document is not UTF-8"));
        }
    };
    let mut parser = Parser {
        desk,
        text,
        path: Vec::new(),
        leaf: String::new(),
        feed: Feed::default(),
        entry: Entry::default(),
        reading: Draft::default(),
        entries: Vec::new(),
        counted: (0, 0),
    };
    parser.run()?;
    let Parser { desk, feed, entries, .. } = parser;
    join(desk, feed, entries)
}

/// One entry of the feed as far as it matters here.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) line: u64,
    pub(super) own: String,
    pub(super) up: String,
    pub(super) related: Vec<String>,
    pub(super) title: String,
    pub(super) content: Content,
}

#[derive(Debug, Default)]
pub(super) enum Content {
    #[default]
    Other,
    UsagePoint,
    MeterReading,
    Type(TypeDraft),
    Block(Vec<(u64, Reading)>),
}

#[derive(Debug, Default)]
pub(super) struct TypeDraft {
    pub(super) accumulation: Option<u8>,
    pub(super) flow: Option<u8>,
    pub(super) unit: Option<i64>,
    pub(super) power_of_ten: i8,
    pub(super) interval_s: Option<u32>,
}

#[derive(Debug, Default)]
struct Draft {
    line: u64,
    from_s: Option<i64>,
    duration_s: Option<u32>,
    value: Option<i64>,
    quality: Option<u8>,
    wrong: Option<String>,
}

struct Parser<'a> {
    desk: Desk<'a>,
    text: &'a str,
    path: Vec<String>,
    leaf: String,
    feed: Feed,
    entry: Entry,
    reading: Draft,
    entries: Vec<Entry>,
    /// How far lines were counted: bytes and line ends.
    counted: (usize, usize),
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), CodecError> {
        let mut reader = Reader::from_str(self.text);
        let mut seen_feed = false;
        loop {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(0);
            let event = reader.read_event();
            let line = || line_at(self.text.as_bytes(), at);
            match event {
                Ok(Event::Start(start)) => {
                    if self.path.len() >= DEPTH {
                        let reason = "elements are nested too deep for a feed";
                        return Err(self.desk.refuse(line(), "limit.depth", reason));
                    }
                    let name = start.local_name().as_ref().to_owned();
                    seen_feed |= self.path.is_empty() && name == "feed";
                    if !seen_feed {
                        let reason = "this is no Atom feed: its first element is not <feed>";
                        return Err(self.desk.refuse(line(), "espi.no_feed", reason));
                    }
                    self.path.push(name);
                    self.leaf.clear();
                    self.open(&start, at);
                }
                Ok(Event::Empty(start)) => {
                    self.path.push(start.local_name().as_ref().to_owned());
                    self.leaf.clear();
                    self.open(&start, at);
                    self.close()?;
                    self.path.pop();
                }
                Ok(Event::End(_)) => {
                    self.close()?;
                    self.path.pop();
                    self.leaf.clear();
                }
                Ok(Event::Text(text)) => self.leaf.push_str(&text),
                Ok(Event::CData(text)) => self.leaf.push_str(&text),
                Ok(Event::GeneralRef(reference)) => match entity(&reference) {
                    Some(character) => self.leaf.push(character),
                    None => {
                        let reason = format!("the entity &{}; is not known", shortened(&reference));
                        return Err(self.desk.refuse(line(), "espi.entity", reason));
                    }
                },
                Ok(Event::DocType(_)) => {
                    let reason = "a document type declaration has no place in a feed";
                    return Err(self.desk.refuse(line(), "espi.doctype", reason));
                }
                Ok(Event::Eof) if !self.path.is_empty() || !seen_feed => {
                    let reason = "the document ends before its feed does: it was cut off";
                    return Err(self.desk.refuse(line(), "espi.cut_off", reason));
                }
                Ok(Event::Eof) => return Ok(()),
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
                Err(error) => {
                    let at = usize::try_from(reader.error_position()).unwrap_or(at);
                    let line = line_at(self.text.as_bytes(), at);
                    let reason = format!("the document is not well-formed XML: {error}");
                    return Err(self.desk.refuse(line, "espi.not_xml", reason));
                }
            }
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, at: usize) {
        let line = self.line_to(at);
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["feed", "entry"] => self.entry = Entry { line, ..Entry::default() },
            ["feed", "entry", "link"] => {
                let (rel, href) = (attribute(start, "rel"), attribute(start, "href"));
                match rel.as_str() {
                    "self" => self.entry.own = href,
                    "up" => self.entry.up = href,
                    "related" => self.entry.related.push(href),
                    _ => {}
                }
            }
            [.., "content", "UsagePoint"] => self.entry.content = Content::UsagePoint,
            [.., "content", "MeterReading"] => self.entry.content = Content::MeterReading,
            [.., "content", "ReadingType"] => {
                self.entry.content = Content::Type(TypeDraft::default());
            }
            [.., "content", "IntervalBlock"] => self.entry.content = Content::Block(Vec::new()),
            [.., "IntervalBlock", "IntervalReading"] => {
                self.reading = Draft { line, ..Draft::default() };
            }
            _ => {}
        }
    }

    /// The line of a place, counted on from the last one that was asked for.
    fn line_to(&mut self, at: usize) -> u64 {
        let passed = self.text.as_bytes().get(self.counted.0..at).unwrap_or(&[]);
        let lines = passed.iter().filter(|b| **b == b'\n').count();
        self.counted = (at.max(self.counted.0), self.counted.1 + lines);
        u64::try_from(self.counted.1).unwrap_or(u64::MAX - 1) + 1
    }

    fn close(&mut self) -> Result<(), CodecError> {
        let text = std::mem::take(&mut self.leaf);
        let text = text.trim();
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["feed", "title"] => self.feed.title = text.to_owned(),
            ["feed", "updated"] => {
                self.feed.updated = text.parse::<jiff::Timestamp>().ok().map(Instant::from);
            }
            ["feed", "entry", "title"] => self.entry.title = text.to_owned(),
            ["feed", "entry"] => self.entries.push(std::mem::take(&mut self.entry)),
            [.., "LocalTimeParameters", "tzOffset"] => self.feed.utc_offset_s = text.parse().ok(),
            [.., "ReadingType", field] => self.entry.content.type_field(field, text),
            [.., "IntervalReading", "timePeriod", "start"] => {
                self.reading.from_s = number(text, &mut self.reading.wrong);
            }
            [.., "IntervalReading", "timePeriod", "duration"] => {
                self.reading.duration_s = number(text, &mut self.reading.wrong);
            }
            [.., "IntervalReading", "value"] => {
                self.reading.value = number(text, &mut self.reading.wrong);
            }
            [.., "IntervalReading", "ReadingQuality", "quality"] => {
                self.reading.quality = number(text, &mut self.reading.wrong);
            }
            [.., "IntervalBlock", "IntervalReading"] => return self.interval(),
            _ => {}
        }
        Ok(())
    }

    fn interval(&mut self) -> Result<(), CodecError> {
        let draft = std::mem::take(&mut self.reading);
        self.desk.report.rows += 1;
        if let Some(wrong) = draft.wrong {
            let reason = format!("\"{}\" is no whole number of a possible size", shortened(&wrong));
            return self.desk.bad(draft.line, "espi.number", reason);
        }
        let Some(value) = draft.value else {
            self.desk.report.missing += 1;
            return Ok(());
        };
        let from = draft.from_s.and_then(|s| s.checked_mul(1_000_000));
        // Feeds of these years: 1970 to 2200.
        let from = from.filter(|us| (0..=7_258_118_400_000_000).contains(us));
        let duration_s = draft.duration_s.filter(|s| (1..=366 * 86_400).contains(s));
        let (Some(from), Some(duration_s)) = (from, duration_s) else {
            let reason = "the interval has no start, no duration, or impossible ones";
            return self.desk.bad(draft.line, "espi.period", reason);
        };
        let mark = draft.quality.map_or(Mark::RAW, Mark::from_espi_quality);
        let reading = Reading { from: Instant::from_micros(from), duration_s, value, mark };
        if let Content::Block(readings) = &mut self.entry.content {
            readings.push((draft.line, reading));
        }
        Ok(())
    }
}

impl Content {
    fn type_field(&mut self, field: &str, text: &str) {
        let Self::Type(draft) = self else { return };
        match field {
            "accumulationBehaviour" => draft.accumulation = text.parse().ok(),
            "flowDirection" => draft.flow = text.parse().ok(),
            "uom" => draft.unit = text.parse().ok(),
            "powerOfTenMultiplier" => draft.power_of_ten = text.parse().unwrap_or(0),
            "intervalLength" => draft.interval_s = text.parse().ok(),
            _ => {}
        }
    }
}

/// A whole number; what is none is remembered as wrong.
fn number<T: std::str::FromStr>(text: &str, wrong: &mut Option<String>) -> Option<T> {
    let number = text.parse().ok();
    if number.is_none() {
        wrong.get_or_insert_with(|| text.to_owned());
    }
    number
}

/// A predefined entity or a character reference.
fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character);
    }
    Some(match &**reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let found = start.try_get_attribute(name).ok().flatten();
    let value =
        found.and_then(|a| Some(a.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned()));
    value.map(|href| href.trim_matches('/').to_owned()).unwrap_or_default()
}

fn line_at(bytes: &[u8], at: usize) -> u64 {
    let before = bytes.get(..at.min(bytes.len())).unwrap_or(&[]);
    u64::try_from(before.iter().filter(|b| **b == b'\n').count()).unwrap_or(u64::MAX - 1) + 1
}
