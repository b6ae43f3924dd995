//! `lamplight etr-score`: how good restoration times would have been for the outages of a public
//! feed, beside what the utility said. The model learns from what began before a day; of later
//! outages it knows what was known then.

use std::path::PathBuf;

use clap::Args;
use grid::restoration::{DEFAULT_RULES, History, Rules, feed::Feed, replay::replay};
use kernel::{Date, Zone};
use serde_json::json;

use super::{
    Failure,
    indices::{Stopwatch, open},
};

/// `lamplight etr-score`
#[derive(Debug, Args)]
pub struct EtrArgs {
    /// Outages, .csv or .csv.gz (columns: docs/reliability.md).
    file: PathBuf,
    /// Outages that began before this day (UTC) are learnt from.
    #[arg(long, default_value = "2021-07-01")]
    split: Date,
    /// Whose hours and weekdays these are.
    #[arg(long, default_value = "America/Los_Angeles")]
    zone: String,
    /// Other rules than those that come with the program.
    #[arg(long)]
    rules: Option<PathBuf>,
}

/// Learns, replays and prints JSON.
pub fn run(args: &EtrArgs) -> Result<(), Failure> {
    let text = match &args.rules {
        Some(path) => std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?,
        None => DEFAULT_RULES.to_owned(),
    };
    let rules = Rules::parse(&text)?;
    let zone = Zone::get(&args.zone)
        .ok_or_else(|| Failure::usage(format!("--zone: there is no {:?}", args.zone)))?;
    let mut clock = Stopwatch::start();
    let feed = Feed::read(open(&args.file)?, &rules.feed)
        .map_err(|error| Failure::invalid(format!("{}: {error}", args.file.display())))?;
    clock.lap("read");
    let outages = feed.outages.len();
    let history = History::new(feed.outages.clone(), zone)?;
    clock.lap("history");
    let split = Zone::utc().day(args.split)?.from();
    let replay = replay(&history, |outage| feed.promised_s(outage), split, &rules)?;
    clock.lap("learn_and_replay");
    super::print_json(&json!({
        "outages": outages,
        "split": args.split,
        "levels": { "desk": rules.levels.desk, "customer": rules.levels.customer, "promise_kept": rules.levels.promise_kept },
        "result": replay,
        "seconds": clock.laps(),
    }))
}
