//! `lamplight decode`: what is in a standard file, as JSON, without storing anything.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use metering::codec::nem::{Summary, SummaryError, decode_nem12_summary};
use serde::Serialize;

use super::Failure;

/// The formats that can be decoded.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// NEM12 and NEM13 (AEMO meter data file format), plain or zipped.
    Nem12,
}

/// `lamplight decode`
#[derive(Debug, Args)]
pub struct DecodeArgs {
    /// The format.
    format: Format,
    /// The files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Decoded {
    strict: Outcome,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Read(Summary),
    Refused(SummaryError),
}

/// Prints one JSON object: file to what is in it, or to why it is refused.
pub fn run(args: &DecodeArgs) -> Result<(), Failure> {
    let Format::Nem12 = args.format;
    let mut decoded = BTreeMap::new();
    let mut refused = Vec::new();
    for file in &args.files {
        let outcome = read(file)?;
        if let Outcome::Refused(error) = &outcome {
            refused.push(error.message.clone());
        }
        decoded.insert(file.display().to_string(), Decoded { strict: outcome });
    }
    super::print_json(&decoded)?;
    if refused.is_empty() { Ok(()) } else { Err(Failure::invalid(refused.join("\n"))) }
}

fn read(file: &Path) -> Result<Outcome, Failure> {
    let bytes = std::fs::read(file).map_err(|error| Failure::file(file, &error))?;
    Ok(match decode_nem12_summary(&bytes, &file.display().to_string()) {
        Ok(summary) => Outcome::Read(summary),
        Err(error) => Outcome::Refused(error),
    })
}
