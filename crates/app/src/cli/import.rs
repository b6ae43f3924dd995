//! `lamplight import`: readings, customers, meters and agreements from files.

use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{FaultKind, Id, SystemClock};
use metering::codec::{
    curves_csv,
    profile::{BUILT_IN, Profile},
};
use registry::import::{CustomerFile, OnFault, import_customers};
use store::Durability;
use supply::{
    agreements::{self, NewAgreement, read_agreements},
    meters::{self, LoadMeter, Placement, read_meters},
    readings::{self, BadRows, Form, ImportFile, ImportSummary},
    sheet::CellFault,
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
    Tariffs(ListArgs),
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

/// Imports files.
pub async fn run(args: &ImportArgs) -> Result<(), Failure> {
    let house = House::open(&args.house, Arc::new(SystemClock), Durability::PowerCut).await?;
    let org = house.org(&args.house).await?;
    match &args.what {
        What::Readings(asked) => import_readings(&house, org, asked).await,
        What::Customers(list) => customers(&house, org, list).await,
        What::Meters(list) => import_meters(&house, org, list).await,
        What::Agreements(list) => import_agreements(&house, org, list).await,
        What::Tariffs(list) => tariffs(&house, org, list).await,
    }
}

async fn import_readings(house: &House, org: Id, asked: &ReadingsArgs) -> Result<(), Failure> {
    let bad_rows = match asked.policy {
        Policy::KeepGood => BadRows::KeepGood,
        Policy::RefuseWhole => BadRows::RefuseWhole,
    };
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
    match asked.format {
        Some(Layout::Registers) => return Ok(Form::Registers),
        Some(Layout::Intervals) => return Ok(Form::Intervals),
        Some(Layout::Curves) => return Ok(Form::Curves),
        Some(Layout::Nem) => return Ok(Form::Nem),
        Some(Layout::GreenButton) => return Ok(Form::GreenButton),
        Some(Layout::Parquet) => return Ok(Form::Parquet),
        None => {}
    }
    let start = readings::head_of(path, &path.display().to_string())?;
    let text = String::from_utf8_lossy(&start).to_lowercase();
    let first = text.trim_start_matches('\u{feff}').trim_start().lines().next().unwrap_or_default();
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().to_lowercase());
    if start.starts_with(b"PAR1") {
        return Ok(Form::Parquet);
    }
    if first.starts_with('<') {
        return Ok(Form::GreenButton);
    }
    if first.starts_with("100,nem") || first.starts_with("200,") || name.starts_with("nem1") {
        return Ok(Form::Nem);
    }
    if curves_csv::is_header(first.split([',', ';', '\t'])) {
        return Ok(Form::Curves);
    }
    let intervals = first.contains("minutes") && first.contains("value");
    Ok(if intervals { Form::Intervals } else { Form::Registers })
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

async fn customers(house: &House, org: Id, list: &ListArgs) -> Result<(), Failure> {
    let ctx = house.works.ctx(&house.actor, "import");
    let on_fault = match list.policy {
        Policy::KeepGood => OnFault::KeepGood,
        Policy::RefuseWhole => OnFault::RefuseWhole,
    };
    for path in &list.files {
        let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
        let file = CustomerFile::open(file)?;
        let report = import_customers(&ctx, &house.works.db, org, file, on_fault, |_| {}).await?;
        let name = path.display();
        println!(
            "{name}: {} lines, {} added, {} there already, {} refused",
            report.lines, report.added, report.present, report.refused
        );
        for fault in report.faults.iter().take(20) {
            println!("  {name}: {fault}");
        }
        if report.refused > 0 && on_fault == OnFault::RefuseWhole {
            return Err(Failure::invalid(format!("{name} was refused; nothing of it counts")));
        }
    }
    Ok(())
}

/// Prints what is wrong with a list; an error when it is refused for it.
fn judge(path: &Path, faults: &[CellFault], policy: Policy) -> Result<(), Failure> {
    for fault in faults.iter().take(20) {
        println!("  {}: {fault}", path.display());
    }
    if !faults.is_empty() && policy == Policy::RefuseWhole {
        let words = format!("{} was refused; nothing of it counts", path.display());
        return Err(Failure::invalid(words));
    }
    Ok(())
}

/// Usage points and their accounts by code.
async fn points_by_code(house: &House, org: Id) -> Result<HashMap<String, (Id, Id)>, Failure> {
    let mut points = HashMap::new();
    let mut tx = house.works.db.read().await?;
    registry::premises::usage_point_codes(&mut tx, org, |(code, id, account)| {
        points.insert(code, (id, account));
        Ok::<(), store::StoreError>(())
    })
    .await?;
    Ok(points)
}

/// Codes are kept in capitals and half width; a list may write them otherwise.
fn point_named(points: &HashMap<String, (Id, Id)>, name: &str) -> Option<(Id, Id)> {
    let code = registry::words::normal::code(name).ok()?;
    points.get(&code).copied()
}

fn unknown(line: u64, code: &str) -> CellFault {
    let reason = format!("{code:?} is no usage point here; load the customer first");
    CellFault { line, field: "usage_point".to_owned(), reason }
}

async fn import_meters(house: &House, org: Id, list: &ListArgs) -> Result<(), Failure> {
    let points = points_by_code(house, org).await?;
    let ctx = house.works.ctx(&house.actor, "import");
    for path in &list.files {
        let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
        let (rows, mut faults) = read_meters(file)?;
        let mut loads = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            let Some((usage_point, _)) = point_named(&points, &row.usage_point) else {
                faults.push(unknown(line, &row.usage_point));
                continue;
            };
            let placement = Placement {
                meter: Id::from_i64(0),
                usage_point,
                ratio: row.ratio,
                on: row.on,
                opening: row.opening,
            };
            loads.push(LoadMeter { meter: row.meter, placement, removal: row.removal });
        }
        judge(path, &faults, list.policy)?;
        let mut tx = house.works.db.begin().await?;
        let loaded = meters::load_history(&ctx, &mut tx, org, &loads).await?;
        tx.commit().await?;
        let (name, all, bad) = (path.display(), loads.len(), faults.len());
        println!("{name}: {all} meters, {loaded} new, {bad} rows with faults");
    }
    let delivered = readings::deliver_exchanges(&house.works, &house.actor, org).await?;
    println!("{delivered} opening and closing reads delivered");
    Ok(())
}

async fn import_agreements(house: &House, org: Id, list: &ListArgs) -> Result<(), Failure> {
    let points = points_by_code(house, org).await?;
    let ctx = house.works.ctx(&house.actor, "import");
    for path in &list.files {
        let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
        let (rows, mut faults) = read_agreements(file)?;
        let mut news = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            let Some((usage_point, account)) = point_named(&points, &row.usage_point) else {
                faults.push(unknown(line, &row.usage_point));
                continue;
            };
            news.push(NewAgreement {
                account,
                usage_point,
                tariff_code: row.tariff_code,
                valid_from: row.valid_from,
                capacity: row.capacity,
                contract_demand: row.contract_demand,
                basic_charge: row.basic_charge,
                family_of_five: row.family_of_five,
                low_income: row.low_income,
            });
        }
        judge(path, &faults, list.policy)?;
        let mut tx = house.works.db.begin().await?;
        let loaded = agreements::load(&ctx, &mut tx, org, &news).await?;
        tx.commit().await?;
        let (name, all, bad) = (path.display(), news.len(), faults.len());
        println!("{name}: {all} agreements, {loaded} new, {bad} rows with faults");
    }
    Ok(())
}

async fn tariffs(house: &House, org: Id, list: &ListArgs) -> Result<(), Failure> {
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
