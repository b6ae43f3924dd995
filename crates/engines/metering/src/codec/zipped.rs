//! Zip containers and gzip streams, opened with a guard: what unpacks to too much, or grows too
//! many times, is refused while it is being read, whatever its directory claims.

use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::{CodecError, Desk, Limits, Policy};

/// Whether these bytes begin like a zip file.
#[must_use]
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether these bytes begin like a gzip stream.
#[must_use]
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1F\x8B\x08")
}

/// The content of a gzip stream of `packed` bytes, in bounded memory.
pub fn gunzip<R: Read>(source: R, packed: u64, limits: Limits) -> Guarded<MultiGzDecoder<R>> {
    Guarded::new(MultiGzDecoder::new(source), most_unpacked(packed, limits))
}

/// To how many bytes so many may unpack. A few kilobytes may grow as they like: tiny files of
/// zeros are honest.
fn most_unpacked(packed: u64, limits: Limits) -> u64 {
    packed.saturating_mul(limits.unpacked_ratio).max(1 << 20).min(limits.unpacked_bytes)
}

/// A stream that ends with an error when it delivers more than it may.
#[derive(Debug)]
pub struct Guarded<R> {
    source: R,
    left: u64,
    limit: u64,
}

/// The error inside the [`io::Error`] of a [`Guarded`] stream.
#[derive(Debug, thiserror::Error)]
#[error("the file is, or unpacks to, more than {0} bytes and was refused")]
struct TooMuch(u64);

impl<R> Guarded<R> {
    /// A guard that lets `limit` bytes through.
    pub const fn new(source: R, limit: u64) -> Self {
        Self { source, left: limit, limit }
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        match self.left.checked_sub(u64::try_from(count).unwrap_or(u64::MAX)) {
            Some(left) => self.left = left,
            None => return Err(io::Error::new(io::ErrorKind::InvalidData, TooMuch(self.limit))),
        }
        Ok(count)
    }
}

/// Code and words when a stream was ended by its guard or is damaged inside.
pub(super) fn guard_reason(error: &io::Error) -> Option<(&'static str, String)> {
    if let Some(inner) = error.get_ref().and_then(|e| e.downcast_ref::<TooMuch>()) {
        return Some(("limit.unpacked", inner.to_string()));
    }
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            Some(("zip.damaged", format!("the compressed data is damaged or cut off: {error}")))
        }
        _ => None,
    }
}

/// A compressed stream that is already in memory: whatever goes wrong in it is its own damage.
struct Unpacking<R>(R);

impl<R: Read> Read for Unpacking<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

/// Opens the one file inside a zip container and hands its name and stream to `read`.
///
/// # Errors
/// When it is no zip, is encrypted, holds no file or more than one, or as `read` says.
pub fn unzip<T>(
    bytes: &[u8],
    name: &str,
    limits: Limits,
    read: impl FnOnce(&str, &mut dyn Read) -> Result<T, CodecError>,
) -> Result<T, CodecError> {
    let desk = Desk::new(name, Policy::RefuseWhole, limits);
    let damaged = |error: zip::result::ZipError| {
        desk.refuse(0, "zip.damaged", format!("the zip file cannot be opened: {error}"))
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut files = Vec::new();
    for index in 0..archive.len().min(1_000) {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        if !entry.is_dir() {
            let inner = entry.name().map_err(damaged)?.into_owned();
            files.push((index, inner, entry.compressed_size()));
        }
    }
    let [(index, inner, packed)] = files.as_slice() else {
        let count = files.len();
        let reason = format!("the zip file holds {count} files; it must hold exactly one");
        return Err(desk.refuse(0, "zip.not_one_file", reason));
    };
    let entry = archive.by_index(*index).map_err(damaged)?;
    let mut guarded = Guarded::new(Unpacking(entry), most_unpacked(*packed, limits));
    read(inner, &mut guarded)
}
