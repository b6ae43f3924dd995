//! RDF/XML as a stream of objects and their properties, in bounded memory.
//!
//! Read is the plain form that CIM uses (IEC 61970-552): objects are children of `rdf:RDF`,
//! properties are children of objects, a value is text or a reference `rdf:resource`.

use std::{
    borrow::Cow,
    io::{self, BufRead, Read},
};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{ImportError, Limits};

/// Deeper nesting is no CIM.
const DEEPEST: usize = 16;

/// Takes what a stream says.
pub(super) trait Sink {
    /// An object begins. Answers whether its properties matter.
    fn object(&mut self, class: &str, id: &str, line: u64) -> bool;
    /// A property of the object that began last: its text, or what it refers to.
    fn property(&mut self, name: &str, value: &str);
    /// The object is complete.
    fn end(&mut self);
}

/// Reads a whole document.
pub(super) fn read<R: Read>(
    file: &str,
    source: R,
    limits: Limits,
    sink: &mut impl Sink,
) -> Result<(), ImportError> {
    let mut reader = Reader::from_reader(Bounded::new(source, limits));
    let mut walk = Walk::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        // Lines are counted where someone asks: at an object, and at a refusal.
        let line = if walk.depth == 1 { reader.get_mut().line() } else { 0 };
        match event.map_err(broken).and_then(|event| walk.take(&event, line, limits, sink)) {
            Ok(true) => return Ok(()),
            Ok(false) => reader.get_mut().piece = 0,
            Err(Stop::Refused(code, reason)) => {
                return Err(ImportError::refuse(file, reader.get_mut().line(), code, reason));
            }
            Err(Stop::Io(source)) => return Err(ImportError::Io { file: file.to_owned(), source }),
        }
    }
}

/// Why reading ends before the end.
enum Stop {
    Refused(&'static str, String),
    Io(io::Error),
}

fn refused<T>(code: &'static str, reason: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refused(code, reason.into()))
}

fn broken(error: quick_xml::Error) -> Stop {
    let quick_xml::Error::Io(error) = error else {
        return Stop::Refused("cim.xml", format!("the XML is damaged: {error}"));
    };
    if let Some(much) = error.get_ref().and_then(|inner| inner.downcast_ref::<TooMuch>()) {
        return Stop::Refused(much.code(), much.to_string());
    }
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            let reason = format!("the compressed file is cut off or damaged: {error}");
            Stop::Refused("cim.damaged", reason)
        }
        kind => Stop::Io(io::Error::new(kind, error.to_string())),
    }
}

/// Where in the document the stream is.
#[derive(Default)]
struct Walk {
    depth: usize,
    seen_root: bool,
    /// Whether the object that is open matters.
    wanted: bool,
    property: String,
    /// The text or the reference of the property that is open.
    value: String,
    triples: u64,
}

impl Walk {
    /// Takes an event; whether it was the last.
    fn take(
        &mut self,
        event: &Event<'_>,
        line: u64,
        limits: Limits,
        sink: &mut impl Sink,
    ) -> Result<bool, Stop> {
        match event {
            Event::Start(start) => self.open(start, line, limits, sink)?,
            Event::Empty(start) => {
                self.open(start, line, limits, sink)?;
                self.close(sink);
            }
            Event::End(_) => self.close(sink),
            Event::Text(text) if self.depth == 3 && self.wanted => self.value.push_str(text),
            Event::CData(text) if self.depth == 3 && self.wanted => self.value.push_str(text),
            Event::GeneralRef(reference) => {
                let Some(letter) = entity(reference) else {
                    let known = "only &amp; &lt; &gt; &quot; &apos; and numbers are read";
                    return refused(
                        "cim.entity",
                        format!("&{}; is not known: {known}", &**reference),
                    );
                };
                if self.depth == 3 && self.wanted {
                    self.value.push(letter);
                }
            }
            Event::DocType(_) => {
                let reason = "the document declares a type; entities are not expanded: remove it";
                return refused("cim.doctype", reason);
            }
            Event::Eof if self.depth > 0 => {
                return refused("cim.truncated", "the file ends in the middle: send it again");
            }
            Event::Eof if !self.seen_root => {
                return refused("cim.no_rdf", "there is no element rdf:RDF: is this CIM?");
            }
            Event::Eof => return Ok(true),
            _ => {}
        }
        Ok(false)
    }

    fn open(
        &mut self,
        start: &BytesStart<'_>,
        line: u64,
        limits: Limits,
        sink: &mut impl Sink,
    ) -> Result<(), Stop> {
        self.depth += 1;
        match self.depth {
            1 if start.local_name().into_inner() != "RDF" => {
                return refused("cim.no_rdf", "the outermost element is not rdf:RDF: is this CIM?");
            }
            1 => self.seen_root = true,
            2 => {
                self.count(limits)?;
                let id = attribute(start, &["rdf:about", "rdf:ID"])?;
                let class = start.local_name().into_inner();
                self.wanted = sink.object(class, id.as_deref().unwrap_or(""), line);
            }
            3 => {
                self.count(limits)?;
                if self.wanted {
                    self.property.clear();
                    self.property.push_str(start.local_name().into_inner());
                    self.value.clear();
                    if let Some(value) = attribute(start, &["rdf:resource"])? {
                        self.value.push_str(&value);
                    }
                }
            }
            deep if deep > DEEPEST => {
                return refused(
                    "limit.depth",
                    format!("elements are nested more than {DEEPEST} deep"),
                );
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, sink: &mut impl Sink) {
        match self.depth {
            3 if self.wanted => sink.property(&self.property, self.value.trim()),
            2 if self.wanted => sink.end(),
            _ => {}
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn count(&mut self, limits: Limits) -> Result<(), Stop> {
        self.triples += 1;
        if self.triples > limits.triples {
            let reason = format!(
                "the document has more than {} statements; split it by feeder or substation",
                limits.triples
            );
            return refused("limit.triples", reason);
        }
        Ok(())
    }
}

fn attribute<'s>(start: &'s BytesStart<'_>, names: &[&str]) -> Result<Option<Cow<'s, str>>, Stop> {
    for attribute in start.attributes().with_checks(false) {
        match attribute {
            Ok(attribute) if names.contains(&attribute.key.0) => return Ok(Some(attribute.value)),
            Ok(_) => {}
            Err(error) => return refused("cim.xml", format!("a damaged attribute: {error}")),
        }
    }
    Ok(None)
}

fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(letter)) = reference.resolve_char_ref() {
        return Some(letter);
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

/// A bound that was passed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum TooMuch {
    #[error("the file is, or unpacks to, more than {0} bytes")]
    Whole(u64),
    #[error("more than {0} bytes without a tag: is this CIM?")]
    Piece(usize),
}

impl TooMuch {
    const fn code(self) -> &'static str {
        match self {
            Self::Whole(_) => "limit.bytes",
            Self::Piece(_) => "limit.piece",
        }
    }
}

/// A stream that counts lines and ends with an error when the whole, or what lies between two
/// events, grows too large.
struct Bounded<R> {
    source: R,
    limits: Limits,
    block: Vec<u8>,
    /// What of the block is filled, and what of that was passed on.
    filled: usize,
    passed: usize,
    /// How far lines of the block were counted.
    counted: usize,
    lines: u64,
    whole: u64,
    piece: usize,
}

impl<R: Read> Bounded<R> {
    fn new(source: R, limits: Limits) -> Self {
        let block = vec![0; 1 << 16];
        let (filled, passed, counted, whole, piece) = (0, 0, 0, 0, 0);
        Self { source, limits, block, filled, passed, counted, lines: 1, whole, piece }
    }

    /// The line that the stream has come to, from 1.
    fn line(&mut self) -> u64 {
        let fresh = self.block.get(self.counted..self.passed).unwrap_or(&[]);
        self.lines += u64::try_from(memchr::memchr_iter(b'\n', fresh).count()).unwrap_or(0);
        self.counted = self.passed;
        self.lines
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.passed == self.filled {
            self.line();
            let much = if self.piece > self.limits.piece_bytes {
                Some(TooMuch::Piece(self.limits.piece_bytes))
            } else if self.whole > self.limits.bytes {
                Some(TooMuch::Whole(self.limits.bytes))
            } else {
                None
            };
            if let Some(much) = much {
                return Err(io::Error::new(io::ErrorKind::InvalidData, much));
            }
            self.filled = self.source.read(&mut self.block)?;
            self.whole += u64::try_from(self.filled).unwrap_or(u64::MAX);
            (self.passed, self.counted) = (0, 0);
        }
        Ok(self.block.get(self.passed..self.filled).unwrap_or(&[]))
    }

    fn consume(&mut self, count: usize) {
        self.passed = (self.passed + count).min(self.filled);
        self.piece += count;
    }
}
