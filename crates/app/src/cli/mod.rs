//! The command line: what can be asked for, and which module answers.
//!
//! Exit status: 0 done, 1 refused input or operation (the reason on standard error), 2 bad usage,
//! 3 something needed is not answering, 4 stored data is damaged, 70 a mistake in the program.

mod backup;
mod bench;
mod decode;
mod demo;
mod drill;
mod etr;
mod export;
mod failure;
mod files;
mod grid;
mod import;
mod indices;
mod promise;
mod rate;
mod serve;
mod settle;
mod user;
mod verify;

use clap::{Parser, Subcommand};

pub use failure::Failure;

/// Lamplight 万家灯火: from meter readings to bills that anyone can check.
#[derive(Debug, Parser)]
#[command(name = "lamplight", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a demo county with a year of readings and bills, and open its doors.
    Demo(demo::DemoArgs),
    /// Open the doors of an installation: console, portal, API and worker.
    Serve(serve::ServeArgs),
    /// Bring readings, customers, meters, agreements and tariffs in from files.
    Import(import::ImportArgs),
    /// Write an account's readings, use and bills to a file.
    Export(export::ExportArgs),
    /// Compute settled days and bills again and report differences.
    Verify(verify::VerifyArgs),
    /// Save tables and lake together.
    Backup(backup::BackupArgs),
    /// Restore a backup into an empty place.
    Restore(backup::RestoreArgs),
    /// Settle days.
    Settle(settle::SettleArgs),
    /// Lay the files of the lake together and remove what was replaced.
    Tidy(settle::TidyArgs),
    /// Close a month or issue its bills.
    Bill(settle::BillArgs),
    /// Measure nights of any size, each in a process of its own.
    Bench(bench::BenchArgs),
    /// Campaigns that show that nothing is lost.
    Drill(drill::DrillArgs),
    /// Make the first administrator, or reset a password.
    User(user::UserArgs),
    /// Deadlines in business hours and working days, for scripts.
    Promise(promise::PromiseArgs),
    /// Rate usage with a tariff and print the bill with its arithmetic as JSON.
    Rate(rate::RateArgs),
    /// Settle one day of four-register meters from Parquet files to a Parquet file.
    SettleFiles(files::SettleFilesArgs),
    /// Validate and estimate quarter-hourly readings from Parquet files to Parquet files.
    VeeFiles(files::VeeFilesArgs),
    /// Read a standard file and print what is in it as JSON.
    Decode(decode::DecodeArgs),
    /// Networks from files: what is in them, what lies below a device, which device failed.
    Grid(grid::GridArgs),
    /// Reliability indices of interruptions by IEEE 1366 or DL/T 836, and major-event days.
    Indices(indices::IndicesArgs),
    /// Score restoration times on the outages of a public feed, beside the utility's own.
    EtrScore(etr::EtrArgs),
}

/// Runs a parsed command line.
pub fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Demo(args) => wait(demo::run(&args)),
        Command::Serve(args) => wait(serve::run(&args)),
        Command::Import(args) => wait(import::run(&args)),
        Command::Export(args) => wait(export::run(&args)),
        Command::Verify(args) => wait(verify::run(&args)),
        Command::Backup(args) => wait(backup::run(&args)),
        Command::Restore(args) => wait(backup::restore(&args)),
        Command::Settle(args) => wait(settle::settle(&args)),
        Command::Tidy(args) => wait(settle::tidy(&args)),
        Command::Bill(args) => wait(settle::bill(&args)),
        Command::Bench(args) => bench::run(&args),
        Command::Drill(args) => drill::run(&args),
        Command::User(args) => wait(user::run(&args)),
        Command::Promise(args) => promise::run(&args),
        Command::Rate(args) => rate::run(&args),
        Command::SettleFiles(args) => files::settle(&args),
        Command::VeeFiles(args) => files::vee(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Grid(args) => grid::run(&args),
        Command::Indices(args) => indices::run(&args),
        Command::EtrScore(args) => etr::run(&args),
    }
}

/// Prints a value as JSON on standard output.
fn print_json<T: serde::Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(kernel::FaultKind::Bug, error.to_string()))?;
    println!("{text}");
    Ok(())
}

/// Runs a command that waits for databases and sockets.
fn wait(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(kernel::FaultKind::Unavailable, error.to_string()))?
        .block_on(work)
}
