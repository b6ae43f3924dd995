//! One CSV line cut into cells. A cell may be quoted but may not hold a line break, so that a
//! missing quote spoils one line and not the rest of the file.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// A line that is no CSV record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellFault {
    /// A quote is opened and not closed.
    OpenQuote,
    /// More cells than any known layout has.
    TooManyCells,
}

impl CellFault {
    pub(super) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenQuote => {
                ("csv.open_quote", "a quoted cell is not closed on its line: add the closing quote")
            }
            Self::TooManyCells => (
                "limit.too_many_cells",
                "the line has more than 100,000 cells: is this a CSV file?",
            ),
        }
    }
}

/// Cuts lines; its buffers are used again for every line.
pub(super) struct Cells {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Cells {
    pub(super) fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, text: vec![0; 4_096], ends: vec![0; 128], count: 0 }
    }

    /// Cuts a line; the cells are then there by [`Cells::get`].
    pub(super) fn cut(&mut self, line: &str) -> Result<(), CellFault> {
        self.reader.reset();
        self.count = 0;
        if line.is_empty() {
            return Ok(());
        }
        // A quote that is open at the end would swallow the line end.
        if memchr::memchr_iter(b'"', line.as_bytes()).count() % 2 == 1 {
            return Err(CellFault::OpenQuote);
        }
        if self.text.len() < line.len() + 1 {
            self.text.resize(line.len() + 1, 0);
        }
        let (mut taken, mut written) = (0, 0);
        loop {
            let input = line.as_bytes().get(taken..).unwrap_or(&[]);
            let out = self.text.get_mut(written..).unwrap_or(&mut []);
            let ends = self.ends.get_mut(self.count..).unwrap_or(&mut []);
            let (result, read, wrote, found) = self.reader.read_record(input, out, ends);
            taken += read;
            written += wrote;
            self.count += found;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() > 100_000 => {
                    return Err(CellFault::TooManyCells);
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => return Ok(()),
            }
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// A cell without the blanks around it; empty when there is none.
    pub(super) fn get(&self, index: usize) -> &str {
        if index >= self.count {
            return "";
        }
        let start = if index == 0 { 0 } else { self.ends.get(index - 1).copied().unwrap_or(0) };
        let end = self.ends.get(index).copied().unwrap_or(start);
        let cell = self.text.get(start..end).unwrap_or(&[]);
        std::str::from_utf8(cell).unwrap_or("").trim()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.count).map(|i| self.get(i))
    }

    /// The first cell that a spreadsheet would run as a formula. Numbers with a sign are none.
    pub(super) fn formula(&self) -> Option<&str> {
        self.iter().find(|cell| {
            let number = |b: u8| b.is_ascii_digit() || b".+-eE".contains(&b);
            match cell.as_bytes().first() {
                Some(b'=' | b'@' | b'\t') => true,
                Some(b'+' | b'-') => cell.len() > 1 && !cell.bytes().all(number),
                _ => false,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(line: &str) -> Vec<String> {
        let mut cells = Cells::new(b',');
        cells.cut(line).unwrap();
        cells.iter().map(str::to_owned).collect()
    }

    #[test]
    fn quotes_and_blanks() {
        assert_eq!(cut("a, \"b,c\" ,d"), ["a", "\"b", "c\"", "d"]);
        assert_eq!(cut("a,\"b,\"\"c\",d,"), ["a", "b,\"c", "d", ""]);
        assert_eq!(cut(""), Vec::<String>::new());
        assert_eq!(Cells::new(b',').cut("a,\"b"), Err(CellFault::OpenQuote));
        assert_eq!(cut(&"x,".repeat(1_454)).len(), 1_455);
    }

    #[test]
    fn formulas_are_seen_and_numbers_are_not() {
        let formula = |line: &str| {
            let mut cells = Cells::new(b',');
            cells.cut(line).unwrap();
            cells.formula().map(str::to_owned)
        };
        assert_eq!(formula("1,-2.5,+3e-5,-"), None);
        assert_eq!(formula("1,=2+5").unwrap(), "=2+5");
        assert_eq!(formula("-1+cmd|' /C calc'!A0").unwrap(), "-1+cmd|' /C calc'!A0");
        assert!(formula("@SUM(A1)").is_some());
    }

    proptest! {
        #[test]
        fn written_lines_read_back(row in proptest::collection::vec("[a-z0-9,\"户]{0,6}", 1..9)) {
            let quoted: Vec<String> =
                row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
            prop_assert_eq!(cut(&quoted.join(",")), row);
        }

        #[test]
        fn any_line_ends_without_panic(line in "[^\n\r]{0,300}") {
            let mut cells = Cells::new(b',');
            if cells.cut(&line).is_ok() {
                prop_assert!(cells.iter().count() == cells.len());
            }
        }
    }
}
