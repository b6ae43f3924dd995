//! Reads a file of customers line by line: encoding, separator, heading, values. Pure apart from
//! the reader that it is given; memory does not grow with the file.

use std::io::{self, Read};

use csv::ByteRecord;
use encoding_rs::{Encoding, GB18030, UTF_8};
use kernel::{Fault, FaultKind};

use super::columns::{COLUMNS, heading, set};
use crate::{Customer, CustomerForm, FieldError};

/// How much of the file is looked at to tell its encoding and separator.
const SAMPLE: usize = 64 * 1024;
/// The longest value; an open quotation mark would otherwise swallow the rest of the file.
const VALUE_BYTES: usize = 4_096;

/// Why a file cannot be read as a list of customers at all.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing in it.
    #[error("the file is empty: its first line must name the columns")]
    Empty,
    /// Something else than text.
    #[error("the file is {0}: save it as CSV with encoding UTF-8 or GBK")]
    NotText(&'static str),
    /// The heading is wrong.
    #[error("line 1: {0}")]
    Heading(String),
    /// The reader failed.
    #[error("line {line}: the file cannot be read: {error}")]
    Read {
        /// Where.
        line: u64,
        /// Why.
        error: io::Error,
    },
}

impl Fault for FileError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Read { .. } => FaultKind::Unavailable,
            _ => FaultKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "registry.import_empty",
            Self::NotText(_) => "registry.import_not_text",
            Self::Heading(_) => "registry.import_heading",
            Self::Read { .. } => "registry.import_read",
        }
    }
}

/// The line on which a row starts, counted from 1, and the customer or all that is wrong.
pub type Row = (u64, Result<Customer, Vec<FieldError>>);

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// The line on which the row starts, counted from 1.
    pub line: u64,
    /// All that is wrong with it.
    pub faults: Vec<FieldError>,
}

impl std::fmt::Display for LineFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: ", self.line)?;
        for (at, fault) in self.faults.iter().enumerate() {
            let between = if at == 0 { "" } else { "; " };
            write!(f, "{between}{}: {}", fault.field, fault.message)?;
        }
        Ok(())
    }
}

/// The sample, the rest, and a line end in case the last line has none.
type Text<R> = io::Chain<io::Chain<io::Cursor<Vec<u8>>, R>, &'static [u8]>;

/// A file whose heading is right; its rows come one by one.
pub struct CustomerFile<R: Read> {
    rows: csv::Reader<Text<R>>,
    /// The line after the last row.
    line: u64,
    encoding: &'static Encoding,
    /// For each column of the file, its place in [`COLUMNS`].
    places: Vec<usize>,
    record: ByteRecord,
}

impl<R: Read> std::fmt::Debug for CustomerFile<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CustomerFile")
            .field("encoding", &self.encoding.name())
            .finish_non_exhaustive()
    }
}

impl<R: Read> CustomerFile<R> {
    /// Looks at the start of a file: encoding, separator, heading.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn open(mut reader: R) -> Result<Self, FileError> {
        let mut sample = Vec::with_capacity(SAMPLE);
        let limit = u64::try_from(SAMPLE).unwrap_or(u64::MAX);
        reader
            .by_ref()
            .take(limit)
            .read_to_end(&mut sample)
            .map_err(|error| FileError::Read { line: 1, error })?;
        if sample.starts_with(&[0xef, 0xbb, 0xbf]) {
            sample.drain(..3);
        }
        let encoding = encoding_of(&sample)?;
        let first = sample.split(|b| *b == b'\n').next().unwrap_or_default();
        let separator = separator_of(first);
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            // A carriage return before the line end stays in the last value, where it is trimmed;
            // so a line end counts once, and the lines in messages are right.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(io::Cursor::new(sample).chain(reader).chain(b"\n".as_slice()));
        let mut record = ByteRecord::new();
        if !rows.read_byte_record(&mut record).map_err(|e| unreadable(1, e))? {
            return Err(FileError::Empty);
        }
        let places = heading(&record, encoding)?;
        let line = rows.position().line();
        Ok(Self { rows, line, encoding, places, record })
    }

    /// The encoding that was found.
    #[must_use]
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// The next row with its line; `None` at the end.
    ///
    /// # Errors
    /// [`FileError::Read`].
    pub fn next_row(&mut self) -> Result<Option<Row>, FileError> {
        loop {
            let before = self.line;
            if !self.rows.read_byte_record(&mut self.record).map_err(|e| unreadable(before, e))? {
                return Ok(None);
            }
            // Empty lines before the row are skipped; line ends inside its values belong to it.
            self.line = self.rows.position().line();
            let inside = self.record.as_slice().iter().filter(|b| **b == b'\n').count();
            let inside = u64::try_from(inside).unwrap_or(u64::MAX);
            let line = self.line.saturating_sub(1).saturating_sub(inside).max(before);
            if self.record.iter().any(|value| !value.trim_ascii().is_empty()) {
                return Ok(Some((line, self.row())));
            }
        }
    }

    fn row(&self) -> Result<Customer, Vec<FieldError>> {
        let fault = |field, message| vec![FieldError { field, message }];
        let (found, named) = (self.record.len(), self.places.len());
        if found != named {
            let message = format!(
                "it has {found} values where the heading names {named} columns: is a separator or a quotation mark missing?"
            );
            return Err(fault("line", message));
        }
        let mut form = CustomerForm::default();
        for (bytes, place) in self.record.iter().zip(&self.places) {
            let column = COLUMNS[*place].0;
            if bytes.len() > VALUE_BYTES {
                let message = "the value is too long: is a quotation mark not closed?".to_owned();
                return Err(fault(column, message));
            }
            let Some(text) =
                self.encoding.decode_without_bom_handling_and_without_replacement(bytes)
            else {
                let message = format!("the value is not {} text", self.encoding.name());
                return Err(fault(column, message));
            };
            set(&mut form, column, &text);
        }
        form.parse()
    }
}

fn unreadable(line: u64, error: csv::Error) -> FileError {
    let error = match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    };
    FileError::Read { line, error }
}

/// UTF-8 when the start of the file is, else GB18030, which holds GBK and GB2312.
fn encoding_of(sample: &[u8]) -> Result<&'static Encoding, FileError> {
    match sample {
        [] => return Err(FileError::Empty),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(FileError::NotText("UTF-16")),
        [b'P', b'K', 3, 4, ..] => return Err(FileError::NotText("a spreadsheet or archive (zip)")),
        [0x1f, 0x8b, ..] => return Err(FileError::NotText("compressed (gzip)")),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return Err(FileError::NotText("an old spreadsheet (xls)")),
        [b'P', b'A', b'R', b'1', ..] => return Err(FileError::NotText("a Parquet file")),
        _ if sample.contains(&0) => return Err(FileError::NotText("not text")),
        _ => {}
    }
    match std::str::from_utf8(sample) {
        Ok(_) => Ok(UTF_8),
        // The sample, or a file that was cut off, may end inside a character.
        Err(error) if error.error_len().is_none() => Ok(UTF_8),
        Err(_) => Ok(GB18030),
    }
}

fn separator_of(first: &[u8]) -> u8 {
    let count = |b: u8| first.iter().filter(|f| **f == b).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|b| count(*b)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADING: &str = "account_no,name,address,class,voltage,opened_on,phone";
    const GOOD: &str = "4200000001,张伟,李家村2组15号,residential,220V,2024-01-05,13812345678";

    fn read(bytes: &[u8]) -> Result<Vec<Row>, FileError> {
        let mut file = CustomerFile::open(bytes)?;
        let mut rows = Vec::new();
        while let Some(row) = file.next_row()? {
            rows.push(row);
        }
        Ok(rows)
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        read(bytes).unwrap().into_iter().map(|(_, row)| row.unwrap().name).collect()
    }

    #[test]
    fn the_same_rows_come_from_every_usual_encoding_and_separator() {
        let text = format!("{HEADING}\r\n{GOOD}\r\n");
        assert_eq!(names(text.as_bytes()), ["张伟"]);
        assert_eq!(names(format!("\u{feff}{text}").as_bytes()), ["张伟"]);
        assert_eq!(names(&GB18030.encode(&text).0), ["张伟"]);
        assert_eq!(names(text.replace(',', ";").as_bytes()), ["张伟"]);
        assert_eq!(names(text.replace(',', "\t").as_bytes()), ["张伟"]);
        let chinese =
            text.replace(HEADING, "户号,户名,用电地址,用电类别,供电电压,立户日期,联系电话");
        assert_eq!(names(&GB18030.encode(&chinese).0), ["张伟"]);
    }

    #[test]
    fn every_wrong_line_is_named_with_all_its_faults() {
        let text = format!(
            "{HEADING}\n{GOOD}\n\n4200000002,,\"two\nlines\",residential,220,2024-13-01,1\n4200000003,王五\n=1+1,王五,李家村,residential,220V,2024-01-05,\n"
        );
        let rows = read(text.as_bytes()).unwrap();
        assert!(rows[0].1.is_ok());
        let faults: Vec<(u64, Vec<&str>)> = rows[1..]
            .iter()
            .map(|(line, row)| (*line, row.as_ref().unwrap_err().iter().map(|f| f.field).collect()))
            .collect();
        assert_eq!(
            faults,
            [
                (4, vec!["name", "phone", "voltage", "opened_on"]),
                (6, vec!["line"]),
                (7, vec!["account_no"]),
            ]
        );
        let fault = LineFault { line: 6, faults: rows[2].1.clone().unwrap_err() };
        assert!(
            fault
                .to_string()
                .starts_with("line 6: line: it has 2 values where the heading names 7")
        );
    }

    #[test]
    fn what_is_no_list_of_customers_is_refused_with_the_reason() {
        let refused = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert!(refused(b"").contains("empty"));
        assert!(refused(b"\xff\xfea\0").contains("UTF-16"));
        assert!(refused(b"PK\x03\x04....").contains("spreadsheet"));
        assert!(refused(b"\x1f\x8b....").contains("gzip"));
        assert!(refused(b"a\0b").contains("not text"));
        assert!(refused(b"account_no,nome\n").contains("no column \"nome\""));
        assert!(refused(b"name,name\n").contains("twice"));
        assert!(refused(b"account_no,name\n").contains("missing: address, class"));
    }

    #[test]
    fn an_open_quotation_mark_does_not_swallow_the_file_silently() {
        let mut text = format!("{HEADING}\n4200000001,\"张伟,x,residential,220V,2024-01-05,\n");
        for _ in 0..200 {
            text.push_str(GOOD);
            text.push('\n');
        }
        let rows = read(text.as_bytes()).unwrap();
        assert!(rows.iter().all(|(_, row)| row.is_err()) && rows[0].0 == 2);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_stumble(tail in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&tail);
            let mut bytes = format!("{HEADING}\n{GOOD}\n").into_bytes();
            bytes.extend(tail);
            let _ = read(&bytes);
        }

        #[test]
        fn a_cut_file_gives_the_rows_before_the_cut(cut in 60_usize..400) {
            let text = format!("{HEADING}\n{}", format!("{GOOD}\n").repeat(4));
            let cut = cut.min(text.len());
            let rows = read(&text.as_bytes()[..cut]).unwrap();
            let whole = text.as_bytes()[HEADING.len() + 1..cut].iter().filter(|b| **b == b'\n').count();
            prop_assert!(rows.len() >= whole && rows[..whole].iter().all(|(_, row)| row.is_ok()));
        }
    }
}
