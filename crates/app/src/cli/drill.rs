//! `lamplight drill`: campaigns that are too long for the tests.

use std::{ffi::OsString, io, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand, ValueEnum};
use kernel::{FaultKind, SystemClock};
use store::Durability;

use super::Failure;
use crate::{
    drill::{DemoDrill, FilesDrill, KillReport},
    house::{House, HouseArgs},
};

/// `lamplight drill`
#[derive(Debug, Args)]
pub struct DrillArgs {
    #[command(subcommand)]
    what: Drill,
}

#[derive(Debug, Subcommand)]
enum Drill {
    /// Kill the program again and again while it imports, settles, closes, issues, saves and
    /// restores; what it comes to must be what an undisturbed run comes to.
    Kill(KillArgs),
    /// Print a hash of everything that was settled and billed, by what people call things: two
    /// installations that came to the same have the same.
    Digest {
        #[command(flatten)]
        house: HouseArgs,
    },
}

#[derive(Debug, Args)]
struct KillArgs {
    /// How often, in all.
    #[arg(long, default_value_t = 200)]
    times: u32,
    /// The seed of the moments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A folder for the installations; what is in it is removed.
    #[arg(long, default_value = "lamplight-drill")]
    folder: PathBuf,
    /// How many customers.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    customers: u32,
    /// What is made: the demo county, a bureau from files with backup and restore, or one after
    /// the other.
    #[arg(long, value_enum, default_value = "both")]
    what: What,
    /// An empty database for the installation that is killed, for example postgres://…; with
    /// `--what demo` or `--what files`.
    #[arg(long)]
    database: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Demo,
    Files,
    Both,
}

/// Runs a drill; a difference is a failure.
pub fn run(args: &DrillArgs) -> Result<(), Failure> {
    match &args.what {
        Drill::Kill(kill) => self::kill(kill),
        Drill::Digest { house } => super::wait(digest(house)),
    }
}

async fn digest(args: &HouseArgs) -> Result<(), Failure> {
    let house = House::open(args, Arc::new(SystemClock), Durability::PowerCut).await?;
    let org = house.org(args).await?;
    let mut tx = house.works.db.read().await?;
    println!("{:?}", supply::digest::digest(&mut tx, org).await?);
    Ok(())
}

fn kill(args: &KillArgs) -> Result<(), Failure> {
    if args.what == What::Both && args.database.is_some() {
        return Err(Failure::usage("--database is for one drill: say --what demo or --what files"));
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(FaultKind::Bug, format!("where is this program? {error}")))?;
    let part = if args.what == What::Both { args.times / 2 } else { args.times };
    if args.what != What::Files {
        let customers = args.customers.to_string();
        let span = ["--customers", &customers, "--from", "2026-06-01", "--to", "2026-08-06"];
        let drill = DemoDrill {
            program: program.clone(),
            folder: args.folder.join("demo"),
            demo: span.iter().map(OsString::from).collect(),
            database: args.database.clone(),
            kills: part,
            seed: args.seed,
        };
        judge("the demo", drill.run(|words| eprintln!("{words}")))?;
    }
    if args.what != What::Demo {
        let drill = FilesDrill {
            program,
            folder: args.folder.join("files"),
            customers: args.customers,
            database: args.database.clone(),
            kills: args.times - if args.what == What::Both { part } else { 0 },
            rounds: args.times,
            seed: args.seed,
        };
        judge("the bureau from files", drill.run(|words| eprintln!("{words}")))?;
    }
    Ok(())
}

fn judge(what: &str, report: io::Result<KillReport>) -> Result<(), Failure> {
    let report = report
        .map_err(|error| Failure::new(FaultKind::Unavailable, format!("the drill: {error}")))?;
    if report.undisturbed != report.disturbed {
        return Err(Failure::new(FaultKind::Bug, "the killed runs came to something else"));
    }
    println!("{what}: killed {} times, the same in the end", report.killed);
    println!("{}", report.undisturbed.lines().next().unwrap_or_default());
    Ok(())
}
