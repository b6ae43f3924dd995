//! The command line: what can be asked for, and which module answers.
//!
//! Exit status: 0 done, 1 refused input or operation (the reason on standard error), 2 bad usage,
//! 3 something needed is not answering, 4 stored data is damaged, 70 a mistake in the program.

mod decode;
mod failure;
mod files;
mod rate;

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
    /// Rate usage with a tariff and print the bill with its arithmetic as JSON.
    Rate(rate::RateArgs),
    /// Settle one day of four-register meters from Parquet files to a Parquet file.
    SettleFiles(files::SettleFilesArgs),
    /// Validate and estimate quarter-hourly readings from Parquet files to Parquet files.
    VeeFiles(files::VeeFilesArgs),
    /// Read a standard file and print what is in it as JSON.
    Decode(decode::DecodeArgs),
}

/// Runs a parsed command line.
pub fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Rate(args) => rate::run(&args),
        Command::SettleFiles(args) => files::settle(&args),
        Command::VeeFiles(args) => files::vee(&args),
        Command::Decode(args) => decode::run(&args),
    }
}
