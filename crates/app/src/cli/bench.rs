//! `lamplight bench`: measure the work of a night at several sizes and print what it took.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use kernel::FaultKind;

use super::{Failure, print_json, wait};
use crate::bench::{Load, Night, NightReport, measure, prepare};

/// `lamplight bench`
#[derive(Debug, Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: Bench,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Nights of several sizes: import, validation, rating, state and worklists, all committed.
    Nights {
        /// How many usage points; several are measured one after the other.
        #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
        customers: Vec<usize>,
        /// What is read from each; both when not said.
        #[arg(long)]
        load: Option<Load>,
        /// A folder for the installations, emptied of each when it was measured.
        #[arg(long, default_value = "lamplight-bench")]
        folder: PathBuf,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// One step of one night, which `nights` runs in a process of its own.
    #[command(hide = true)]
    Night {
        #[arg(long)]
        customers: usize,
        #[arg(long)]
        load: Load,
        #[arg(long)]
        folder: PathBuf,
        #[arg(long)]
        prepare: bool,
    },
}

/// Runs measurements.
pub fn run(args: &BenchArgs) -> Result<(), Failure> {
    match &args.what {
        Bench::Night { customers, load, folder, prepare: first } => {
            let night = Night { customers: *customers, load: *load, data: folder.clone() };
            wait(async {
                if *first {
                    return Ok(prepare(&night).await?);
                }
                print_json(&measure(&night).await?)
            })
        }
        Bench::Nights { customers, load, folder, json } => {
            let loads = load.map_or(vec![Load::Registers, Load::Curves], |load| vec![load]);
            let mut reports = Vec::new();
            for load in loads {
                for customers in customers {
                    let data = folder.join(format!("{}-{customers}", load.word()));
                    reports.push(night(&Night { customers: *customers, load, data })?);
                }
            }
            if *json { print_json(&reports) } else { print(&reports) }
        }
    }
}

/// Prepares and measures a night in two processes, and clears up behind them.
fn night(night: &Night) -> Result<NightReport, Failure> {
    eprintln!("{} with {} usage points: making the bureau", night.load.word(), night.customers);
    let cleared = |result: std::io::Result<()>| match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::file(&night.data, &error))
        }
        _ => Ok(()),
    };
    cleared(std::fs::remove_dir_all(&night.data))?;
    step(night, &["--prepare"])?;
    let report = step(night, &[])?;
    cleared(std::fs::remove_dir_all(&night.data))?;
    serde_json::from_str(&report)
        .map_err(|error| Failure::new(FaultKind::Bug, format!("the night says {error}")))
}

fn step(night: &Night, more: &[&str]) -> Result<String, Failure> {
    let failed =
        |what: &str, why: String| Failure::new(FaultKind::Unavailable, format!("{what}: {why}"));
    let program = std::env::current_exe().map_err(|e| failed("this program", e.to_string()))?;
    let customers = night.customers.to_string();
    let folder: &Path = &night.data;
    let mut command = std::process::Command::new(program);
    command.args(["bench", "night", "--customers", &customers, "--load", night.load.word()]);
    command.arg("--folder").arg(folder).args(more).stderr(std::process::Stdio::inherit());
    let output = command.output().map_err(|error| failed("a night", error.to_string()))?;
    if !output.status.success() {
        return Err(failed("a night", output.status.to_string()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// One line per night; the last column shows how cost grows with size.
fn print(reports: &[NightReport]) -> Result<(), Failure> {
    println!(
        "{:<10} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>12}",
        "load", "customers", "file MB", "import s", "settle s", "cpu s", "peak MiB", "µs/customer"
    );
    for report in reports {
        let customers = u32::try_from(report.customers).unwrap_or(u32::MAX);
        println!(
            "{:<10} {:>10} {:>9} {:>9.2} {:>9.2} {:>9.2} {:>9} {:>12.1}",
            report.load,
            report.customers,
            report.file_bytes / 1_000_000,
            report.import_s,
            report.settle_s,
            report.cpu_s,
            report.peak_mib,
            report.cpu_s * 1e6 / f64::from(customers.max(1))
        );
    }
    Ok(())
}
