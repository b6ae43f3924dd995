//! `lamplight drill`: campaigns that are too long for the tests.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use kernel::FaultKind;

use super::Failure;
use crate::drill::KillDrill;

/// `lamplight drill`
#[derive(Debug, Args)]
pub struct DrillArgs {
    #[command(subcommand)]
    what: Drill,
}

#[derive(Debug, Subcommand)]
enum Drill {
    /// Kill the program again and again while it loads, settles, closes and issues.
    Kill {
        /// How often.
        #[arg(long, default_value_t = 200)]
        times: u32,
        /// The seed of the moments.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// An empty folder for the two installations.
        #[arg(long, default_value = "lamplight-drill")]
        folder: PathBuf,
        /// How many customers.
        #[arg(long, default_value = "300")]
        customers: String,
    },
}

/// Runs a drill; a difference is a failure.
pub fn run(args: &DrillArgs) -> Result<(), Failure> {
    let Drill::Kill { times, seed, folder, customers } = &args.what;
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(FaultKind::Bug, format!("where is this program? {error}")))?;
    let span = ["--customers", customers, "--from", "2026-06-01", "--to", "2026-08-06"];
    let drill = KillDrill {
        program,
        folder: folder.clone(),
        demo: span.iter().map(std::ffi::OsString::from).collect(),
        kills: *times,
        seed: *seed,
    };
    let report = drill
        .run(|words| eprintln!("{words}"))
        .map_err(|error| Failure::new(FaultKind::Unavailable, format!("the drill: {error}")))?;
    if report.undisturbed != report.killed_digest {
        return Err(Failure::new(FaultKind::Bug, "the killed runs came to something else"));
    }
    println!("killed {} times, the same in the end: {}", report.killed, report.undisturbed);
    Ok(())
}
