//! What of a device's token is kept, what a photo is, and what does not fit about a reading. Pure.

use std::fmt::Write as _;

use kernel::Instant;
use lake::tables::ReadingRow;
use metering::reading::Source;
use sha2::{Digest, Sha256};

/// The start of every token of a handheld: known from a session's and a program's.
pub(super) const PREFIX: &str = "handheld_";

/// What of a token is kept. A token is random, so no salt and no slow hash is needed.
pub(super) fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing into a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The media type of a photo by its first bytes; `None` for anything else.
#[must_use]
pub fn photo_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some("image/jpeg")
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else {
        None
    }
}

/// What does not fit: the clock of the device against the server's, and the reading against those that
/// stand after and before it.
pub(super) fn conflicts(
    row: &ReadingRow,
    (sent_at, now, skew_s): (Instant, Instant, i64),
    others: &[ReadingRow],
) -> Vec<&'static str> {
    let mut found = Vec::new();
    if (sent_at.micros() - now.micros()).abs() > skew_s * 1_000_000 {
        found.push("field_clock");
    }
    let fine = |row: &ReadingRow| {
        let finer = 10_i128.pow(u32::from(9_u8.saturating_sub(row.scale)));
        row.register[0].map(|value| i128::from(value) * finer)
    };
    let Some(value) = fine(row) else { return found };
    let read = |other: &&ReadingRow| {
        other.meter == row.meter && Source::from_code(other.source).is_some_and(Source::is_read)
    };
    let contradicts = |other: &ReadingRow| match fine(other) {
        Some(theirs) if other.at > row.at => theirs < value,
        Some(theirs) if other.at < row.at => theirs > value,
        Some(theirs) => theirs != value,
        None => false,
    };
    if others.iter().filter(read).any(contradicts) {
        found.push("field_conflict");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: i64, total: i64, scale: u8) -> ReadingRow {
        let mut row = ReadingRow { at, scale, source: Source::Ami.code(), ..ReadingRow::default() };
        row.register[0] = Some(total);
        row
    }

    #[test]
    fn a_later_reading_that_shows_less_is_a_conflict() {
        let now = Instant::from_micros(1_000_000_000);
        let clock = (now, now, 600);
        let mine = row(100, 10_500, 1);
        assert!(conflicts(&mine, clock, &[row(50, 104_000, 2), row(200, 1_051, 0)]).is_empty());
        assert_eq!(conflicts(&mine, clock, &[row(200, 1_049, 0)]), ["field_conflict"]);
        assert_eq!(conflicts(&mine, clock, &[row(50, 1_051, 0)]), ["field_conflict"]);
        let off = (now.plus_seconds(-601), now, 600);
        assert_eq!(conflicts(&mine, off, &[]), ["field_clock"]);
    }

    #[test]
    fn a_photo_is_known_by_its_first_bytes() {
        assert_eq!(photo_type(&[0xff, 0xd8, 0xff, 0xe0]), Some("image/jpeg"));
        assert_eq!(photo_type(b"<svg onload=alert(1)>"), None);
    }
}
