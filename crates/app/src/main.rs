//! `lamplight`: the one binary. This file reads the command line and turns an error into words
//! on standard error and an exit status; what each command does lives in `lamplight::cli`.

use std::process::ExitCode;

use clap::Parser;
use lamplight::cli;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("lamplight: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
