//! Lines of a text file of unknown encoding, in bounded memory.
//!
//! Encoding: a byte order mark decides (UTF-8, UTF-16). Without one the text is UTF-8 if the
//! block of the file with the first byte above 127 is valid UTF-8, and GB18030 (which contains
//! GBK and GB2312) if it is not. Bytes that the chosen encoding does not know spoil their line.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, GB18030, UTF_8};

const BLOCK: usize = 64 << 10;

/// A line that cannot be used.
#[derive(Debug)]
pub(super) enum LineFault {
    /// Longer than the limit; its rest was skipped.
    TooLong(usize),
    /// Holds bytes that the encoding does not know.
    Undecodable(&'static str),
    /// Holds a NUL: this is no text.
    Nul,
    /// The stream broke.
    Io(io::Error),
}

impl LineFault {
    /// Code and words for the report; none when the stream broke.
    pub(super) fn words(&self) -> Option<(&'static str, String)> {
        match self {
            Self::TooLong(limit) => Some((
                "limit.line_too_long",
                format!(
                    "the line is longer than {limit} bytes; no reading is: is this a CSV file?"
                ),
            )),
            Self::Undecodable(encoding) => Some((
                "text.undecodable",
                format!("the line holds bytes that are not {encoding}: save the file as UTF-8"),
            )),
            Self::Nul => Some((
                "text.nul",
                "the line holds NUL bytes: the file is damaged or no text".to_owned(),
            )),
            Self::Io(_) => None,
        }
    }
}

/// Reads lines one after the other; `\n` and `\r\n` both end one.
pub(super) struct Lines<R> {
    source: R,
    block: Vec<u8>,
    decoder: Option<Decoder>,
    text: String,
    at: usize,
    /// How far the text was searched for a line end in vain.
    searched: usize,
    line: u64,
    limit: usize,
    ended: bool,
    skipping: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R, limit: usize) -> Self {
        Self {
            source,
            block: vec![0; BLOCK],
            decoder: None,
            text: String::new(),
            at: 0,
            searched: 0,
            line: 0,
            limit,
            ended: false,
            skipping: false,
        }
    }

    /// The number of the line that was last returned, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// The encoding in use so far.
    pub(super) fn encoding(&self) -> &'static str {
        self.decoder.as_ref().map_or("ASCII", |decoder| decoder.encoding().name())
    }

    /// The next line without its end; `None` after the last.
    pub(super) fn next(&mut self) -> Option<Result<&str, LineFault>> {
        let (start, end) = loop {
            let from = self.searched.max(self.at);
            let rest = self.text.as_bytes().get(from..).unwrap_or(&[]);
            if let Some(length) = memchr::memchr(b'\n', rest) {
                let start = self.at;
                self.at = from + length + 1;
                break (start, from + length);
            }
            if self.text.len() - self.at > self.limit {
                self.skipping = true;
                self.text.clear();
                self.at = 0;
            }
            self.searched = self.text.len();
            if self.ended {
                let start = self.at;
                self.at = self.text.len();
                if start == self.at && !self.skipping {
                    return None;
                }
                break (start, self.at);
            }
            if let Err(error) = self.refill() {
                self.ended = true;
                self.text.clear();
                (self.at, self.searched) = (0, 0);
                return Some(Err(LineFault::Io(error)));
            }
        };
        self.line += 1;
        if std::mem::take(&mut self.skipping) || end - start > self.limit {
            return Some(Err(LineFault::TooLong(self.limit)));
        }
        let line = self.text.get(start..end).unwrap_or("");
        let line = line.strip_suffix('\r').unwrap_or(line);
        // U+FFFD, which the decoder puts where bytes mean nothing.
        if memchr::memmem::find(line.as_bytes(), b"\xEF\xBF\xBD").is_some() {
            return Some(Err(LineFault::Undecodable(self.encoding())));
        }
        if memchr::memchr(0, line.as_bytes()).is_some() {
            return Some(Err(LineFault::Nul));
        }
        Some(Ok(line))
    }

    fn refill(&mut self) -> io::Result<()> {
        self.text.drain(..self.at);
        self.searched = self.searched.saturating_sub(self.at);
        self.at = 0;
        let count = loop {
            match self.source.read(&mut self.block) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.ended = count == 0;
        let mut fresh = self.block.get(..count).unwrap_or(&[]);
        if self.decoder.is_none() {
            let plain = fresh.iter().take_while(|b| b.is_ascii()).count();
            // UTF-16 without a byte order mark would be ASCII with NULs; its lines are refused.
            let ascii = fresh.get(..plain).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("");
            self.text.push_str(ascii);
            fresh = fresh.get(plain..).unwrap_or(&[]);
            if !fresh.is_empty() {
                let first = self.line == 0 && self.text.is_empty();
                self.decoder = Some(encoding_of(fresh, first).new_decoder_with_bom_removal());
            }
        }
        if let Some(decoder) = &mut self.decoder {
            let room = decoder.max_utf8_buffer_length(fresh.len()).unwrap_or(BLOCK * 4);
            self.text.reserve(room);
            let _ = decoder.decode_to_string(fresh, &mut self.text, self.ended);
        }
        Ok(())
    }
}

/// The encoding of a text whose first byte above 127 is the first of `bytes`.
fn encoding_of(bytes: &[u8], at_start: bool) -> &'static Encoding {
    if at_start && let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => UTF_8,
        // A character cut by the end of the block is no fault.
        Err(error) if error.error_len().is_none() => UTF_8,
        Err(_) => GB18030,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], limit: usize) -> Vec<String> {
        let mut lines = Lines::new(bytes, limit);
        let mut all = Vec::new();
        while let Some(line) = lines.next() {
            all.push(match line {
                Ok(line) => line.to_owned(),
                Err(fault) => format!("! {}", fault.words().unwrap().0),
            });
        }
        assert_eq!(lines.line(), u64::try_from(all.len()).unwrap());
        all
    }

    #[test]
    fn encodings_are_recognised() {
        assert_eq!(read("户号,示数\r\n1,2".as_bytes(), 99), ["户号,示数", "1,2"]);
        assert_eq!(read(b"\xEF\xBB\xBFa,b\n", 99), ["a,b"]);
        let (gbk, _, _) = GB18030.encode("户号,示数\n");
        assert_eq!(read(&gbk, 99), ["户号,示数"]);
        let utf16: Vec<u8> =
            "\u{FEFF}户号\n1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16, 99), ["户号", "1"]);
        assert_eq!(read(b"", 99), Vec::<String>::new());
    }

    #[test]
    fn a_bad_line_spoils_only_itself() {
        assert_eq!(read(b"a\nb\0\nc\n", 99), ["a", "! text.nul", "c"]);
        let late =
            [b"x\n".repeat(70_000).as_slice(), "好\n".as_bytes(), b"\xFF\xFE!\ny\n"].concat();
        let lines = read(&late, 99);
        assert_eq!(lines.len(), 70_003);
    }

    #[test]
    fn a_line_without_end_is_skipped_in_bounded_memory() {
        let endless = io::repeat(b'7').take(5_000_000).chain(&b"\nafter"[..]);
        let mut lines = Lines::new(endless, 1_000);
        assert!(matches!(lines.next(), Some(Err(LineFault::TooLong(1_000)))));
        assert!(lines.text.capacity() < 1 << 20);
        assert_eq!(lines.next().unwrap().unwrap(), "after");
        assert!(lines.next().is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn any_bytes_end_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4_000)) {
            let mut lines = Lines::new(bytes.as_slice(), 100);
            let breaks = bytes.iter().filter(|b| **b == b'\n').count();
            let mut count = 0;
            while lines.next().is_some() { count += 1; }
            prop_assert!(count <= breaks + 1);
        }

        #[test]
        fn any_text_reads_back(text in "[a-z户号0-9,\n]{0,3000}") {
            let expected: Vec<&str> = text.lines().collect();
            prop_assert_eq!(read(text.as_bytes(), 9_999), expected);
        }
    }
}
