//! Runs the file-to-file settlement alone, to be measured:
//! `settle_files TODAY YESTERDAY ACCOUNTS OUT [TARIFF.toml]`.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use kernel::Date;
use lamplight_lake::{DailyRates, jobs};

const TARIFF: &str = include_str!("../../../../tariffs/bench/four-register.toml");

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [today, yesterday, accounts, out, tariff @ ..] = paths.as_slice() else {
        eprintln!("usage: settle_files TODAY YESTERDAY ACCOUNTS OUT [TARIFF.toml]");
        return ExitCode::from(2);
    };
    let job = jobs::SettleFiles { today, yesterday, accounts, out };
    match run(job, tariff.first()) {
        Ok(done) => {
            println!("{done:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
    }
}

fn run(
    job: jobs::SettleFiles<'_>,
    tariff: Option<&PathBuf>,
) -> Result<jobs::SettledFiles, Box<dyn std::error::Error>> {
    let text = match tariff {
        Some(path) => std::fs::read_to_string(path)?,
        None => TARIFF.to_owned(),
    };
    let plan = tariff::Plan::from_toml("tariff", &text, &BTreeMap::new())?;
    let rates = DailyRates::of(&plan, Date::constant(2026, 1, 1))?;
    Ok(jobs::settle_files(job, &rates)?)
}
