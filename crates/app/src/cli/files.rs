//! Jobs from files to files: one day of four-register meters, and quarter-hourly validation.
//! They read and write Parquet without a database, for scripts and for measuring.

use std::path::PathBuf;

use clap::Args;
use lake::{DailyRates, jobs};
use tariff::Library;

use super::Failure;

/// The tariff of `settle-files`: four registers, a yearly ladder of three tiers.
const FOUR_REGISTER_TARIFF: &str = include_str!("../../../../tariffs/bench/four-register.toml");

/// `lamplight settle-files`
#[derive(Debug, Args)]
pub struct SettleFilesArgs {
    /// Registers read today: meter_id, r1, r2, r3, r4 (sharp, peak, flat, valley; 0.01 kWh).
    #[arg(long)]
    today: PathBuf,
    /// The same columns as read yesterday.
    #[arg(long)]
    yesterday: PathBuf,
    /// Accounts: meter_id, ytd (0.01 kWh), bal and warn (fen).
    #[arg(long)]
    accounts: PathBuf,
    /// Where to write the result.
    #[arg(long)]
    out: PathBuf,
}

/// `lamplight vee-files`
#[derive(Debug, Args)]
pub struct VeeFilesArgs {
    /// The folder for the results; it is made when it does not exist.
    #[arg(long)]
    out: PathBuf,
    /// Files with meter_id, t (quarter hour from 0) and wh.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Settles one day.
pub fn settle(args: &SettleFilesArgs) -> Result<(), Failure> {
    let rates = four_register_rates()?;
    let job = jobs::SettleFiles {
        today: &args.today,
        yesterday: &args.yesterday,
        accounts: &args.accounts,
        out: &args.out,
    };
    let done = jobs::settle_files(job, &rates)?;
    eprintln!(
        "{} meters settled; {} new today, {} not read today",
        done.settled, done.new_today, done.missing_today
    );
    Ok(())
}

/// Validates and estimates file by file.
pub fn vee(args: &VeeFilesArgs) -> Result<(), Failure> {
    std::fs::create_dir_all(&args.out).map_err(|error| Failure::file(&args.out, &error))?;
    for file in &args.files {
        let (out, counts) = jobs::vee_file(file, &args.out)?;
        eprintln!("{}: {} meters, {} gaps", out.display(), counts.meters, counts.gaps);
    }
    Ok(())
}

/// The tariff document as the flat rates that the file job multiplies with.
fn four_register_rates() -> Result<DailyRates, Failure> {
    let library = Library::load([("tariffs/bench/four-register.toml", FOUR_REGISTER_TARIFF)])?;
    let plan = library.plan(0).ok_or_else(|| Failure::invalid("the document has no tariff"))?;
    Ok(DailyRates::of(plan, plan.head.valid.from())?)
}
