//! Lists that people load once (meters, agreements) as CSV: encoding, separator, heading and
//! cells, with every fault told by line and column. Values only; what they mean is for the module
//! that asks.

use std::{collections::BTreeMap, io::Read};

use encoding_rs::{GB18030, UTF_8};
use kernel::{Fault, FaultKind, parse_decimal};

/// The largest list that is taken: some million rows.
const LIST_BYTES: u64 = 256 << 20;

/// A column: its name, and how it may also be called.
pub type ColumnName = (&'static str, &'static str);

/// Why a list cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Nothing in it.
    #[error("the file is empty: its first line must name the columns")]
    Empty,
    /// Not text.
    #[error("the file is not text: save it as CSV with encoding UTF-8 or GBK")]
    NotText,
    /// Too large.
    #[error("the file has more than 256 MiB: load it in parts")]
    TooLarge,
    /// The heading is wrong.
    #[error("line 1: {0}")]
    Heading(String),
    /// The reader failed.
    #[error("the file cannot be read: {0}")]
    Read(#[from] std::io::Error),
}

impl Fault for SheetError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Read(_) => FaultKind::Unavailable,
            Self::TooLarge => FaultKind::Limit,
            _ => FaultKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "list.empty",
            Self::NotText => "list.not_text",
            Self::TooLarge => "list.too_large",
            Self::Heading(_) => "list.heading",
            Self::Read(_) => "list.read",
        }
    }
}

/// What is wrong in one cell.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CellFault {
    /// The line on which the row starts, from 1.
    pub line: u64,
    /// The column, or `line` for the row as a whole.
    pub field: String,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl std::fmt::Display for CellFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.field, self.reason)
    }
}

/// Good rows with their lines, and what is wrong with the others.
pub type Parsed<T> = (Vec<(u64, T)>, Vec<CellFault>);

/// A list whose heading is right.
#[derive(Debug)]
pub struct Sheet {
    rows: Vec<(u64, BTreeMap<&'static str, String>)>,
    faults: Vec<CellFault>,
}

impl Sheet {
    /// Reads a list whose columns are among `columns`; `needed` must be there.
    ///
    /// # Errors
    /// [`SheetError`].
    pub fn read(
        source: impl Read,
        columns: &[ColumnName],
        needed: &[&str],
    ) -> Result<Self, SheetError> {
        let mut bytes = Vec::new();
        source.take(LIST_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LIST_BYTES {
            return Err(SheetError::TooLarge);
        }
        let text = text_of(&bytes)?;
        let first = text.lines().next().unwrap_or_default();
        let count = |separator: u8| first.bytes().filter(|byte| *byte == separator).count();
        let separator =
            [b'\t', b';', b','].into_iter().max_by_key(|byte| count(*byte)).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(text.as_bytes());
        let mut records = reader.records();
        let heading = match records.next() {
            Some(Ok(record)) => record,
            Some(Err(error)) => return Err(SheetError::Heading(error.to_string())),
            None => return Err(SheetError::Empty),
        };
        let places = places(&heading, columns, needed)?;
        let mut sheet = Self { rows: Vec::new(), faults: Vec::new() };
        let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
        for record in records {
            let start = match &record {
                Ok(record) => record.position(),
                Err(error) => error.position(),
            };
            let line = lines.line_at(start.map_or(0, csv::Position::byte));
            sheet.take(line, record, &places);
        }
        Ok(sheet)
    }

    fn take(
        &mut self,
        line: u64,
        record: Result<csv::StringRecord, csv::Error>,
        places: &[&'static str],
    ) {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let reason = error.to_string();
                self.faults.push(CellFault { line, field: "line".to_owned(), reason });
                return;
            }
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        if record.len() != places.len() {
            let reason = format!(
                "it has {} values where the heading names {} columns: is a separator or a quotation mark missing?",
                record.len(),
                places.len()
            );
            self.faults.push(CellFault { line, field: "line".to_owned(), reason });
            return;
        }
        let cells = places.iter().zip(&record).map(|(name, cell)| (*name, cell.trim().to_owned()));
        self.rows.push((line, cells.collect()));
    }

    /// Makes something of every row; what is wrong with the others, in order of lines.
    pub fn parse<T>(self, mut make: impl FnMut(&mut Row<'_>) -> Option<T>) -> Parsed<T> {
        let (mut good, mut faults) = (Vec::new(), self.faults);
        for (line, cells) in &self.rows {
            let mut row = Row { line: *line, cells, faults: Vec::new() };
            let made = make(&mut row);
            match made.filter(|_| row.faults.is_empty()) {
                Some(made) => good.push((*line, made)),
                None => faults.append(&mut row.faults),
            }
        }
        faults.sort_by_key(|fault| fault.line);
        (good, faults)
    }
}

/// Counts lines on the way through a text. Where a record begins the parser says before it has
/// passed over empty lines.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn line_at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(self.text.len());
        while let Some(next) = self.text.get(self.at) {
            if self.at >= byte && !matches!(next, b'\n' | b'\r') {
                break;
            }
            self.line += u64::from(*next == b'\n');
            self.at += 1;
        }
        self.line
    }
}

fn text_of(bytes: &[u8]) -> Result<String, SheetError> {
    if bytes.is_empty() {
        return Err(SheetError::Empty);
    }
    let (text, encoding, wrong) = if std::str::from_utf8(bytes).is_ok() {
        UTF_8.decode(bytes)
    } else {
        GB18030.decode(bytes)
    };
    // The byte-order mark of UTF-16 is found by the decoder.
    if wrong || text.contains('\0') || encoding.name().is_empty() {
        return Err(SheetError::NotText);
    }
    Ok(text.into_owned())
}

fn places(
    heading: &csv::StringRecord,
    columns: &[ColumnName],
    needed: &[&str],
) -> Result<Vec<&'static str>, SheetError> {
    let mut places = Vec::with_capacity(heading.len());
    for cell in heading {
        let cell = cell.trim();
        let known = columns.iter().find(|(name, other)| {
            cell.eq_ignore_ascii_case(name) || (cell == *other && !cell.is_empty())
        });
        let Some((name, _)) = known else {
            let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
            let short: String = cell.chars().take(40).collect();
            return Err(SheetError::Heading(format!(
                "there is no column {short:?}: the columns are {}",
                names.join(", ")
            )));
        };
        if places.contains(name) {
            return Err(SheetError::Heading(format!("the column {name:?} is there twice")));
        }
        places.push(*name);
    }
    let missing: Vec<&str> = needed.iter().copied().filter(|name| !places.contains(name)).collect();
    if missing.is_empty() {
        Ok(places)
    } else {
        Err(SheetError::Heading(format!("these columns are missing: {}", missing.join(", "))))
    }
}

/// The cells of one row, and what is found wrong with them.
#[derive(Debug)]
pub struct Row<'a> {
    line: u64,
    cells: &'a BTreeMap<&'static str, String>,
    faults: Vec<CellFault>,
}

impl Row<'_> {
    /// The text of a column, empty where the column or the value is not there.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.cells.get(name).map_or("", String::as_str)
    }

    /// Notes what is wrong with a column.
    pub fn wrong(&mut self, name: &str, reason: impl Into<String>) {
        let (line, field) = (self.line, name.to_owned());
        self.faults.push(CellFault { line, field, reason: reason.into() });
    }

    /// The text of a column that must be there.
    pub fn needed(&mut self, name: &str) -> Option<String> {
        let text = self.text(name).to_owned();
        if text.is_empty() {
            self.wrong(name, "it is empty");
            return None;
        }
        if text.starts_with(['=', '+', '@']) {
            self.wrong(name, "it looks like a formula of a spreadsheet: write the value");
            return None;
        }
        Some(text)
    }

    /// A value that is read from text, or the default where the cell is empty.
    pub fn parsed<T: std::str::FromStr>(&mut self, name: &str, default: T, what: &str) -> T {
        let text = self.text(name).to_owned();
        if text.is_empty() {
            return default;
        }
        if let Ok(value) = text.parse() {
            return value;
        }
        self.wrong(name, format!("{text:?} is no {what}"));
        default
    }

    /// As [`Row::parsed`], without a default.
    pub fn optional<T: std::str::FromStr>(&mut self, name: &str, what: &str) -> Option<T> {
        let text = self.text(name).to_owned();
        if text.is_empty() {
            return None;
        }
        let value = text.parse().ok();
        if value.is_none() {
            self.wrong(name, format!("{text:?} is no {what}"));
        }
        value
    }

    /// Yes or no; no where the cell is empty.
    pub fn flag(&mut self, name: &str) -> bool {
        match self.text(name).to_lowercase().as_str() {
            "" | "no" | "n" | "0" | "false" | "否" => false,
            "yes" | "y" | "1" | "true" | "是" => true,
            _ => {
                self.wrong(name, "write yes or no (是 or 否)");
                false
            }
        }
    }

    /// A decimal as an integer of 10^-`scale`; `None` where the cell is empty or wrong.
    pub fn decimal(&mut self, name: &'static str, scale: u32) -> Option<i64> {
        let text = self.text(name).to_owned();
        if text.is_empty() {
            return None;
        }
        match parse_decimal(&text, scale, name) {
            Ok(value) if value >= 0 => Some(value),
            Ok(_) => {
                self.wrong(name, "it is negative");
                None
            }
            Err(_) => {
                let words = format!("{text:?} is no number with at most {scale} decimals");
                self.wrong(name, words);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [ColumnName; 2] = [("code", "编号"), ("size", "大小")];

    type Told = (Vec<(u64, i64)>, Vec<String>);

    fn read(bytes: &[u8]) -> Result<Told, SheetError> {
        let sheet = Sheet::read(bytes, &COLUMNS, &["code"])?;
        let (good, faults) = sheet.parse(|row| {
            row.needed("code")?;
            row.decimal("size", 1)
        });
        Ok((good, faults.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn every_encoding_and_separator_gives_the_same_rows() {
        let text = "编号;大小\nA;1.5\n";
        let (gbk, _, _) = GB18030.encode(text);
        for bytes in [text.as_bytes(), &gbk, b"\xef\xbb\xbfcode,size\r\nA,1.5\r\n"] {
            assert_eq!(read(bytes).unwrap(), (vec![(2, 15)], vec![]));
        }
    }

    #[test]
    fn every_fault_is_told_with_line_and_column() {
        let (good, faults) = read(b"code,size\n,1\n=1+1,1\nA,x\nA\n\nB,-1\nC,2\n").unwrap();
        assert_eq!(good, [(8, 20)]);
        assert_eq!(
            faults
                .iter()
                .map(|f| f.split(": ").take(2).collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>(),
            ["line 2 code", "line 3 code", "line 4 size", "line 5 line", "line 7 size"]
        );
        for (text, words) in [
            (&b""[..], "empty"),
            (b"a\0b", "not text"),
            (b"code,nome\n", "no column \"nome\""),
            (b"code,code\n", "twice"),
            (b"size\n", "missing: code"),
        ] {
            assert!(read(text).unwrap_err().to_string().contains(words));
        }
    }
}
