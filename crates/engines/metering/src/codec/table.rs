//! The rows of a CSV table, one after the other, with the faults that every table can have.

use std::io::Read;

use super::{
    CodecError, Desk,
    cells::Cells,
    lines::{LineFault, Lines},
    shortened,
};

/// A row that cannot be used: a stable code, and what is wrong with it.
pub(super) type RowFault = (&'static str, String);

pub(super) fn fault<T>(code: &'static str, reason: impl Into<String>) -> Result<T, RowFault> {
    Err((code, reason.into()))
}

/// How a table is written down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// The separator; none: the one of `,` `;` tab that the header has most of.
    pub(super) delimiter: Option<u8>,
    /// Lines before the header.
    pub(super) skip_lines: u64,
}

/// Reads a table: `header` turns the first line into a layout, `row` takes each further line.
/// A fault from `header` refuses the file; a fault from `row` is for the desk to decide.
pub(super) fn read<R: Read, L>(
    source: R,
    desk: &mut Desk<'_>,
    form: Form,
    header: impl FnOnce(&mut Desk<'_>, &Cells) -> Result<L, RowFault>,
    mut row: impl FnMut(&mut Desk<'_>, &mut L, u64, &Cells) -> Result<(), RowFault>,
) -> Result<(), CodecError> {
    let mut lines = Lines::new(source, desk.limits().line_bytes);
    let mut cells = Cells::new(form.delimiter.unwrap_or(b','));
    let mut header = Some(header);
    let mut layout: Option<(L, usize)> = None;
    while let Some(next) = lines.next() {
        let next = next.map(|line| {
            if layout.is_none() && form.delimiter.is_none() {
                cells = Cells::new(likely_delimiter(line));
            }
            cells.cut(line)
        });
        let at = lines.line();
        // A stream that breaks does so before or after any line, also one that is passed over.
        let next = match next {
            Err(LineFault::Io(error)) => return Err(desk.broken(at, error)),
            other => other,
        };
        if at <= form.skip_lines {
            continue;
        }
        let bad = match next {
            Ok(Ok(())) if cells.iter().all(str::is_empty) => continue,
            Ok(Ok(())) => match (&mut layout, header.take()) {
                (None, Some(header)) => {
                    let found = header(desk, &cells);
                    let found = found.map_err(|(code, why)| desk.refuse(at, code, why))?;
                    layout = Some((found, cells.len()));
                    continue;
                }
                (Some((layout, width)), _) => {
                    desk.report.rows += 1;
                    check_row(&cells, *width).and_then(|()| row(desk, layout, at, &cells))
                }
                (None, None) => continue,
            },
            Ok(Err(cut)) => Err((cut.words().0, cut.words().1.to_owned())),
            Err(line) => Err(line.words().unwrap_or_default()),
        };
        if let Err((code, reason)) = bad {
            if layout.is_none() {
                return Err(desk.refuse(at, code, reason));
            }
            desk.bad(at, code, reason)?;
        }
    }
    desk.report.encoding = lines.encoding();
    if layout.is_none() {
        return Err(desk.refuse(0, "csv.empty", "the file is empty: not even a header is there"));
    }
    Ok(())
}

fn check_row(cells: &Cells, width: usize) -> Result<(), RowFault> {
    if cells.len() != width {
        let reason = format!("the line has {} cells, the header {width}", cells.len());
        return fault("csv.cell_count", reason);
    }
    if let Some(cell) = cells.formula() {
        let reason =
            format!("the cell \"{}\" is a spreadsheet formula; values only", shortened(cell));
        return fault("csv.formula", reason);
    }
    Ok(())
}

fn likely_delimiter(header: &str) -> u8 {
    let count = |d: u8| header.bytes().filter(|b| *b == d).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',')
}
