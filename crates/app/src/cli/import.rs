//! `lamplight import`: readings, customers, meters and agreements from files.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{FaultKind, Id, SystemClock};
use metering::codec::profile::{BUILT_IN, Profile};
use store::Durability;
use supply::{
    intake::{self, Kind, Mode},
    readings::{self, BadRows, Form, ImportFile, ImportSummary},
};

use super::{Failure, print_json};
use crate::house::{House, HouseArgs};

/// Bad rows that are printed; all are kept and counted.
const PRINTED: i64 = 20;

/// `lamplight import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    house: HouseArgs,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Readings: registers or intervals as CSV, NEM12/13, Green Button, or any CSV by a profile.
    Readings(ReadingsArgs),
    /// Customers with their accounts, addresses and usage points, as CSV.
    Customers(ListArgs),
    /// Meters with where they hang and their opening registers, as CSV.
    Meters(ListArgs),
    /// Agreements: which tariff each usage point is billed under, as CSV.
    Agreements(ListArgs),
    /// Tariff documents, power-factor tables and calendars, as TOML.
    Tariffs(TariffArgs),
}

#[derive(Debug, Args)]
struct ReadingsArgs {
    /// The files, plain, gzipped, or each in a zip of its own.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How they are laid out; found by their first line when it is not given.
    #[arg(long, value_enum)]
    format: Option<Layout>,
    /// A mapping profile: a TOML file, or the name of one that comes with the program.
    #[arg(long)]
    profile: Option<String>,
    /// What becomes of a file with bad rows.
    #[arg(long, value_enum, default_value = "keep-good")]
    policy: Policy,
    /// Rows that count together: an import that was stopped goes on behind the last ones. Fewer
    /// take less memory and more time.
    #[arg(long, default_value_t = ImportFile::CHUNK, value_parser = chunk_rows)]
    chunk_rows: usize,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// The files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What becomes of a file with bad rows.
    #[arg(long, value_enum, default_value = "keep-good")]
    policy: Policy,
    /// Only say what would come of it; nothing changes.
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Args)]
struct TariffArgs {
    /// The documents.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Layout {
    /// Register readings in the documented columns.
    Registers,
    /// Intervals in the documented columns.
    Intervals,
    /// Load curves in the documented columns: a row is a day.
    Curves,
    /// NEM12 or NEM13.
    Nem,
    /// Green Button XML.
    GreenButton,
    /// Register readings as Parquet.
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Policy {
    /// The good rows count, the others go into quarantine.
    KeepGood,
    /// Nothing of the file counts.
    RefuseWhole,
}

fn chunk_rows(text: &str) -> Result<usize, String> {
    let rows: usize = text.parse().map_err(|_| "it is no number of rows".to_owned())?;
    let fits = (1..=10_000_000).contains(&rows);
    fits.then_some(rows).ok_or_else(|| "it must be 1 to 10,000,000".to_owned())
}

impl Policy {
    const fn bad_rows(self) -> BadRows {
        match self {
            Self::KeepGood => BadRows::KeepGood,
            Self::RefuseWhole => BadRows::RefuseWhole,
        }
    }
}

/// Imports files.
pub async fn run(args: &ImportArgs) -> Result<(), Failure> {
    let house = House::open(&args.house, Arc::new(SystemClock), Durability::PowerCut).await?;
    let org = house.org(&args.house).await?;
    match &args.what {
        What::Readings(asked) => import_readings(&house, org, asked).await,
        What::Customers(list) => lists(&house, org, Kind::Customers, list).await,
        What::Meters(list) => lists(&house, org, Kind::Meters, list).await,
        What::Agreements(list) => lists(&house, org, Kind::Agreements, list).await,
        What::Tariffs(list) => tariffs(&house, org, list).await,
    }
}

async fn import_readings(house: &House, org: Id, asked: &ReadingsArgs) -> Result<(), Failure> {
    let bad_rows = asked.policy.bad_rows();
    let mut summaries = Vec::new();
    for path in &asked.files {
        let form = form(asked, path)?;
        let chunk_rows = asked.chunk_rows;
        let file = ImportFile { bad_rows, chunk_rows, ..ImportFile::new(path.clone(), form) };
        let bar = bar();
        let report = |done: i64, total: i64, word: &str| {
            bar.set_length(total.unsigned_abs());
            bar.set_position(done.unsigned_abs());
            bar.set_message(word.to_owned());
        };
        let done = readings::import_file(&house.works, &house.actor, org, file, &report).await;
        bar.finish_and_clear();
        let summary = done?;
        if !asked.json {
            tell(house, org, path, &summary).await?;
        }
        summaries.push(summary);
    }
    if asked.json {
        print_json(&summaries)?;
    }
    let refused = summaries.iter().filter(|summary| summary.state == "refused").count();
    if refused > 0 {
        return Err(Failure::invalid(format!(
            "{refused} files were refused; nothing of them counts"
        )));
    }
    Ok(())
}

async fn tell(house: &House, org: Id, path: &Path, summary: &ImportSummary) -> Result<(), Failure> {
    let name = path.display();
    if summary.known {
        println!("{name}: imported before; nothing to do");
        return Ok(());
    }
    let ImportSummary { state, rows, good, bad, .. } = summary;
    let days = summary.days.map_or_else(String::new, |(from, to)| format!(", {from} to {to}"));
    println!("{name}: {state}: {rows} values, {good} taken, {bad} not{days}");
    if summary.late_usage_points > 0 {
        println!(
            "{} usage points had settled days and were settled again",
            summary.late_usage_points
        );
    }
    if *bad == 0 {
        return Ok(());
    }
    let mut tx = house.works.db.read().await?;
    for (code, count) in readings::import_errors_by_code(&mut tx, org, summary.import).await? {
        println!("  {count} × {code}");
    }
    let first = Id::from_i64(0);
    for row in readings::import_errors(&mut tx, org, summary.import, first, PRINTED).await? {
        let field = if row.field.is_empty() { String::new() } else { format!("{} ", row.field) };
        println!("  {name}:{}: {field}{}", row.line, row.reason);
    }
    if *bad > PRINTED {
        println!("  the others stand in the quarantine of this import");
    }
    Ok(())
}

/// The form of a file: as asked, by profile, or by its name and first bytes.
fn form(asked: &ReadingsArgs, path: &Path) -> Result<Form, Failure> {
    if let Some(profile) = &asked.profile {
        return Ok(Form::Profile(Arc::new(self::profile(profile)?)));
    }
    Ok(match asked.format {
        Some(Layout::Registers) => Form::Registers,
        Some(Layout::Intervals) => Form::Intervals,
        Some(Layout::Curves) => Form::Curves,
        Some(Layout::Nem) => Form::Nem,
        Some(Layout::GreenButton) => Form::GreenButton,
        Some(Layout::Parquet) => Form::Parquet,
        None => {
            let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into());
            Form::of_file(path, &name)?
        }
    })
}

fn profile(name: &str) -> Result<Profile, Failure> {
    let path = Path::new(name);
    let text = match BUILT_IN.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => (*text).to_owned(),
        None => std::fs::read_to_string(path).map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                let known: Vec<&str> = BUILT_IN.iter().map(|(known, _)| *known).collect();
                let words = format!(
                    "{name}: no such file, and no profile of this name comes with the program: {}",
                    known.join(", ")
                );
                Failure::new(FaultKind::NotFound, words)
            } else {
                Failure::file(path, &error)
            }
        })?,
    };
    Ok(Profile::parse(&text)?)
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {eta} {msg}") {
        bar.set_style(style);
    }
    bar
}

async fn lists(house: &House, org: Id, kind: Kind, list: &ListArgs) -> Result<(), Failure> {
    let bad_rows = list.policy.bad_rows();
    let mode = if list.check { Mode::Check } else { Mode::Load(bad_rows) };
    let mut refused = 0;
    for path in &list.files {
        let done = intake::load_list(&house.works, &house.actor, org, (kind, path), mode).await?;
        let (name, would) = (path.display(), if list.check { "would be " } else { "" });
        println!(
            "{name}: {} lines, {} {would}added, {} there already, {} refused",
            done.rows, done.added, done.present, done.bad
        );
        for fault in done.faults.iter().take(20) {
            println!("  {name}: {fault}");
        }
        if done.refused || (list.check && bad_rows == BadRows::RefuseWhole && done.bad > 0) {
            refused += 1;
        }
    }
    if refused > 0 {
        return Err(Failure::invalid(format!(
            "{refused} files were refused; nothing of them counts"
        )));
    }
    Ok(())
}

async fn tariffs(house: &House, org: Id, list: &TariffArgs) -> Result<(), Failure> {
    let ctx = house.works.ctx(&house.actor, "import");
    for path in &list.files {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        let name = path.display().to_string();
        let mut tx = house.works.db.begin().await?;
        match supply::tariffs::publish(&ctx, &mut tx, org, &name, &text).await {
            Ok(_) => {
                tx.commit().await?;
                println!("{name}: published");
            }
            Err(supply::tariffs::TariffBookError::Published { code, version }) => {
                println!("{name}: is published already as {code} version {version}");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
