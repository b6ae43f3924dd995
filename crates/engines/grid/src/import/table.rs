//! Tables as CSV: text of unknown encoding, a header with known names, rows that may be bad.
//!
//! A byte order mark decides the encoding; without one the text is UTF-8 if it is valid UTF-8, and
//! GB18030 (which contains GBK and GB2312) if it is not. A cell may be quoted but holds no line
//! break, so that a missing quote spoils one line and not the rest of the file.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030};

use super::{ImportError, Limits, Problem, Problems};

/// Why a row was left out: a stable code and words.
pub(super) type RowFault = (&'static str, String);

/// A column: its names in headers, and whether the table is nothing without it.
pub(super) struct Column {
    pub(super) names: &'static [&'static str],
    pub(super) required: bool,
}

pub(super) const fn required(names: &'static [&'static str]) -> Column {
    Column { names, required: true }
}

pub(super) const fn optional(names: &'static [&'static str]) -> Column {
    Column { names, required: false }
}

/// A row with its cells by column.
pub(super) struct Row<'r> {
    cells: &'r [Cow<'r, str>],
    places: &'r [Option<usize>],
}

impl Row<'_> {
    /// The cell of a column without blanks around it; empty when the table lacks the column.
    pub(super) fn get(&self, column: usize) -> &str {
        let place = self.places.get(column).copied().flatten();
        place.and_then(|place| self.cells.get(place)).map_or("", |cell| cell.trim())
    }

    /// The cell of a column that must not be empty.
    pub(super) fn need(&self, column: usize, what: &str) -> Result<&str, RowFault> {
        match self.get(column) {
            "" => Err(("csv.empty_cell", format!("the {what} is empty"))),
            text => Ok(text),
        }
    }
}

/// Reads a table row by row. A bad row is noted and left out; a header without a required column
/// refuses the file.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    limits: Limits,
    columns: &[Column],
    problems: &mut Problems,
    mut take: impl FnMut(&Row<'_>) -> Result<(), RowFault>,
) -> Result<(), ImportError> {
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limits.bytes {
        let reason = format!("the file has more than {} bytes", limits.bytes);
        return Err(ImportError::refuse(file, 0, "limit.bytes", reason));
    }
    let text = decode(bytes);
    let mut layout: Option<(Vec<Option<usize>>, usize)> = None;
    for (number, line) in (1_u64..).zip(text.lines()) {
        let cut = cells(line, limits);
        if line.trim().is_empty() {
            continue;
        }
        let Some((places, width)) = &layout else {
            let header = cut.map_err(|(code, why)| ImportError::refuse(file, number, code, why))?;
            let places = find(&header, columns)
                .map_err(|(code, why)| ImportError::refuse(file, number, code, why))?;
            layout = Some((places, header.len()));
            continue;
        };
        let done = cut.and_then(|cells| {
            if cells.len() != *width {
                let reason = format!("the line has {} cells, the header {width}", cells.len());
                return Err(("csv.cell_count", reason));
            }
            refuse_formulas(&cells)?;
            take(&Row { cells: &cells, places })
        });
        if let Err((code, reason)) = done {
            problems.push(Problem { file: file.to_owned(), line: number, code, reason });
        }
    }
    match layout {
        Some(_) => Ok(()),
        None => {
            let reason = "the file is empty: not even a header is there";
            Err(ImportError::refuse(file, 0, "csv.empty", reason))
        }
    }
}

fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if Encoding::for_bom(bytes).is_none()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    // `decode` obeys a byte order mark, whatever encoding it is called on.
    GB18030.decode(bytes).0
}

fn cells(line: &str, limits: Limits) -> Result<Vec<Cow<'_, str>>, RowFault> {
    if line.len() > limits.piece_bytes {
        let reason = format!("the line is longer than {} bytes", limits.piece_bytes);
        return Err(("limit.line_too_long", reason));
    }
    if line.contains(['\u{FFFD}', '\0']) {
        let reason = "the line holds bytes that are no text: save the file as UTF-8";
        return Err(("text.undecodable", reason.to_owned()));
    }
    if !line.contains('"') {
        return Ok(line.split(',').map(Cow::Borrowed).collect());
    }
    if line.matches('"').count() % 2 == 1 {
        let reason = "a quoted cell is not closed on its line: add the closing quote";
        return Err(("csv.open_quote", reason.to_owned()));
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(_) => Ok(record.iter().map(|cell| Cow::Owned(cell.to_owned())).collect()),
        Err(error) => Err(("csv.record", error.to_string())),
    }
}

fn find(header: &[Cow<'_, str>], columns: &[Column]) -> Result<Vec<Option<usize>>, RowFault> {
    let place = |column: &Column| {
        let known = |cell: &Cow<'_, str>| {
            column.names.iter().any(|name| name.eq_ignore_ascii_case(cell.trim()))
        };
        let place = header.iter().position(known);
        if place.is_none() && column.required {
            let reason = format!("the header lacks the column {}", column.names.join(" or "));
            return Err(("csv.missing_column", reason));
        }
        Ok(place)
    };
    columns.iter().map(place).collect()
}

/// A cell that a spreadsheet would compute is refused: what is stored is shown and exported again.
fn refuse_formulas(cells: &[Cow<'_, str>]) -> Result<(), RowFault> {
    for cell in cells {
        let text = cell.trim();
        let suspect = text.starts_with(['=', '+', '-', '@']) && text.len() > 1;
        if suspect && text.parse::<f64>().is_err() {
            let reason = format!(
                "the cell \"{}\" is a spreadsheet formula; values only",
                text.chars().take(40).collect::<String>()
            );
            return Err(("csv.formula", reason));
        }
    }
    Ok(())
}

/// A cell as a number of degrees or metres; `None` when it is empty.
pub(super) fn place(cell: &str) -> Result<Option<f64>, RowFault> {
    if cell.is_empty() {
        return Ok(None);
    }
    match cell.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number)),
        _ => Err(("number.not_a_number", format!("\"{cell}\" is not a coordinate"))),
    }
}
