//! `lamplight rate`: usage and a tariff in, money with its arithmetic out. Nothing is stored.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use flate2::read::MultiGzDecoder;
use kernel::Fault;
use tariff::{
    Library,
    bundled::DOCUMENTS,
    profile::{HourlyForm, LoadProfile, parse_kw},
    rate_usage_csv,
    urdb::{CASE_LOADS, monthly_json, rate_case, read_rate},
};

use super::Failure;

/// US-style inputs.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// Cases of a rate and a named load, one JSON object a line.
    Pysam,
    /// A rate of the US Utility Rate Database.
    Urdb,
}

/// `lamplight rate`
#[derive(Debug, Args)]
pub struct RateArgs {
    /// A tariff document; goes with --usage.
    #[arg(long, conflicts_with = "format", requires = "usage")]
    tariff: Option<PathBuf>,
    /// A usage file: key,value rows (see docs/rate.md).
    #[arg(long, requires = "tariff")]
    usage: Option<PathBuf>,
    /// Rate a US-style input instead.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The folder of the named loads of --format pysam.
    #[arg(long)]
    loads: Option<PathBuf>,
    /// The hourly load of --format urdb, in kW, one value a line.
    #[arg(long)]
    load: Option<PathBuf>,
    /// The input: cases as .jsonl or .jsonl.gz, or a rate as .json.
    file: Option<PathBuf>,
}

/// Rates and prints JSON.
pub fn run(args: &RateArgs) -> Result<(), Failure> {
    match (args.format, &args.tariff, &args.usage, &args.file) {
        (None, Some(tariff), Some(usage), None) => document(tariff, usage),
        (Some(Format::Pysam), None, None, Some(file)) => match &args.loads {
            Some(loads) => cases(file, loads),
            None => Err(Failure::usage("--format pysam needs --loads DIR")),
        },
        (Some(Format::Urdb), None, None, Some(file)) => match &args.load {
            Some(load) => urdb(file, load),
            None => Err(Failure::usage("--format urdb needs --load HOURLY.csv")),
        },
        _ => Err(Failure::usage(
            "write: rate --tariff DOC.toml --usage USAGE.csv, \
             or: rate --format pysam --loads DIR FILE, or: rate --format urdb --load FILE RATE.json",
        )),
    }
}

/// A bill by a tariff document. The tables and calendars that come with the program are at hand
/// for the document to name.
fn document(tariff: &Path, usage: &Path) -> Result<(), Failure> {
    let in_file = usage;
    let (name, text, usage) = (tariff.display().to_string(), read(tariff)?, read(usage)?);
    let helpers = DOCUMENTS.iter().copied().filter(|(_, text)| !text.contains("[tariff]"));
    let library = Library::load(helpers.chain([(name.as_str(), text.as_str())]))?;
    let plan = library
        .plan(0)
        .ok_or_else(|| Failure::invalid(format!("{name}: the document has no [tariff] table")))?;
    let bill = rate_usage_csv(plan, &library.calendar_of(plan)?, &usage)
        .map_err(|error| Failure::new(error.kind(), format!("{}: {error}", in_file.display())))?;
    let valid = &plan.head.valid;
    if bill.from < valid.from() || valid.to().is_some_and(|end| bill.to > end) {
        let end = valid.to().map_or_else(String::new, |end| format!(" to {end}"));
        eprintln!(
            "{name}: note: the tariff is valid from {}{end}, the period is {} to {}",
            valid.from(),
            bill.from,
            bill.to
        );
    }
    super::print_json(&bill)
}

fn cases(file: &Path, loads: &Path) -> Result<(), Failure> {
    let mut hours: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    if !loads.is_dir() {
        return Err(Failure::invalid(format!("{}: no such folder", loads.display())));
    }
    for (name, in_file) in CASE_LOADS {
        let path = loads.join(in_file);
        if path.exists() {
            let kw = parse_kw(&read(&path)?)
                .map_err(|error| Failure::invalid(format!("{}: {error}", path.display())))?;
            hours.insert(name, kw);
        }
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (number, line) in (1..).zip(lines(file)?.lines()) {
        let line = line.map_err(|error| Failure::file(file, &error))?;
        if line.trim().is_empty() {
            continue;
        }
        let rated =
            rate_case(&line, |name| hours.get(name).map(Vec::as_slice)).map_err(|error| {
                let reason = error.in_line(number);
                Failure::invalid(format!("{}: {reason}", file.display()))
            })?;
        writeln!(out, "{rated}").map_err(|error| Failure::output(&error))?;
    }
    out.flush().map_err(|error| Failure::output(&error))
}

fn urdb(file: &Path, load: &Path) -> Result<(), Failure> {
    let in_file = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::invalid(format!("{}: {error}", path.display()))
    };
    let rate = read_rate(&read(file)?).map_err(|error| in_file(file, &error))?;
    for note in &rate.notes {
        eprintln!("{}: not charged: {note}", file.display());
    }
    let kw = parse_kw(&read(load)?).map_err(|error| in_file(load, &error))?;
    let load = LoadProfile::from_kw(&kw, 1.0).map_err(|error| in_file(load, &error))?;
    let form = HourlyForm::new(&rate.plan).map_err(|error| in_file(file, &error))?;
    let bill = form.rate(&load).map_err(|error| in_file(file, &error))?;
    println!("{{\"monthly\":{}}}", monthly_json(&bill));
    Ok(())
}

/// The lines of a file that may be gzipped.
fn lines(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    if path.extension().is_some_and(|ending| ending == "gz") {
        Ok(Box::new(BufReader::new(MultiGzDecoder::new(file))))
    } else {
        Ok(Box::new(BufReader::new(file)))
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    File::open(path)
        .and_then(|mut file| file.read_to_string(&mut text))
        .map_err(|error| Failure::file(path, &error))?;
    Ok(text)
}
