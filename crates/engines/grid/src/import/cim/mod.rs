//! CIM100 RDF/XML (IEC 61970-301/-552, 61968-11): a stream of objects with properties becomes nodes,
//! equipment and usage points. Objects are called by `rdf:about="urn:uuid:…"` or `rdf:ID="_…"`.
//!
//! - `stream`: XML to statements, bounded; it refuses what is damaged or hostile.
//! - `objects`: statements to the few objects that a network consists of.
//! - `assemble`: objects to rows; references that lead nowhere become problems.
//!
//! Only EnergySource feeds. Generators and batteries of customers do not: they have to stop when the
//! grid does.

mod assemble;
mod objects;
mod stream;

use std::io::BufRead;

use flate2::bufread::MultiGzDecoder;

use super::{ImportError, Imported, Limits};

/// Reads a file, plain or gzipped.
///
/// # Errors
/// [`ImportError`] when the file is no RDF/XML, is cut off, passes a limit or declares entities.
pub fn read(file: &str, mut source: impl BufRead, limits: Limits) -> Result<Imported, ImportError> {
    let io = |source| ImportError::Io { file: file.to_owned(), source };
    let mut objects = objects::Objects::new(file, limits);
    if source.fill_buf().map_err(io)?.starts_with(b"\x1F\x8B") {
        stream::read(file, MultiGzDecoder::new(source), limits, &mut objects)?;
    } else {
        stream::read(file, source, limits, &mut objects)?;
    }
    Ok(assemble::assemble(objects))
}

/// Reads a file that is in memory.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(file: &str, bytes: &[u8], limits: Limits) -> Result<Imported, ImportError> {
    read(file, bytes, limits)
}

#[cfg(test)]
mod tests;
