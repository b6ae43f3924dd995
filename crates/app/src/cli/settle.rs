//! `lamplight settle` and `lamplight bill`: the nightly and the monthly run by hand;
//! `lamplight tidy`: the upkeep of the lake.

use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::ToSpan;
use kernel::{Date, DatePeriod, SystemClock};
use store::Durability;
use supply::{billing, settlement, upkeep};

use super::{Failure, print_json};
use crate::house::{House, HouseArgs};

/// `lamplight settle`
#[derive(Debug, Args)]
pub struct SettleArgs {
    #[command(flatten)]
    house: HouseArgs,
    /// The first day, when no day is settled yet.
    #[arg(long)]
    from: Option<Date>,
    /// The last day; yesterday when it is not given.
    #[arg(long)]
    through: Option<Date>,
}

/// `lamplight tidy`
#[derive(Debug, Args)]
pub struct TidyArgs {
    #[command(flatten)]
    house: HouseArgs,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

/// `lamplight bill`
#[derive(Debug, Args)]
pub struct BillArgs {
    #[command(flatten)]
    house: HouseArgs,
    #[command(subcommand)]
    what: BillCommand,
}

#[derive(Debug, Subcommand)]
enum BillCommand {
    /// Make the bills of a month; a close that was stopped goes on.
    Close {
        /// A day of the month.
        month: Date,
    },
    /// Issue every bill of a month that is ready.
    Issue {
        /// A day of the month.
        month: Date,
    },
}

/// Settles day after day.
pub async fn settle(args: &SettleArgs) -> Result<(), Failure> {
    let house = House::open(&args.house, Arc::new(SystemClock), Durability::PowerCut).await?;
    let org = house.org(&args.house).await?;
    let today = house.works.rules.zone.date_of(house.works.db.now());
    let through = match args.through {
        Some(day) => day,
        None => today.checked_sub(1.day()).unwrap_or(today),
    };
    let first = args.from.unwrap_or(through);
    let report = |done: i64, total: i64, day: &str| eprintln!("{day} settled ({done} of {total})");
    let range = (first, through);
    let days = settlement::settle_through(&house.works, &house.actor, org, range, &report).await?;
    println!("{days} days settled through {through}");
    Ok(())
}

/// Lays the lake's files together and removes what nobody needs any more.
pub async fn tidy(args: &TidyArgs) -> Result<(), Failure> {
    let house = House::open(&args.house, Arc::new(SystemClock), Durability::PowerCut).await?;
    let org = house.org(&args.house).await?;
    let today = house.works.rules.zone.date_of(house.works.db.now());
    let done = upkeep::tidy_lake(&house.works, &house.actor, org, today).await?;
    if args.json {
        return print_json(&done);
    }
    println!("{} days of state laid together", done.days_compacted);
    println!(
        "{} months of intervals packed: {} values in {} bytes instead of {}",
        done.months_packed, done.packed_rows, done.packed_bytes, done.packed_bytes_before
    );
    println!("{} files removed", done.files_removed);
    Ok(())
}

/// Closes or issues a month.
pub async fn bill(args: &BillArgs) -> Result<(), Failure> {
    let house = House::open(&args.house, Arc::new(SystemClock), Durability::PowerCut).await?;
    let org = house.org(&args.house).await?;
    let month =
        |day: Date| DatePeriod::month_of(day).map_err(|error| Failure::usage(error.to_string()));
    let (works, actor) = (&house.works, &house.actor);
    match args.what {
        BillCommand::Close { month: day } => {
            let report = |done: i64, total: i64, _: &str| eprintln!("{done} of {total} bills");
            let run = billing::close_month(works, actor, org, month(day)?, &report).await?;
            println!("{}: {} bills", run.period_from, run.bills_done);
        }
        BillCommand::Issue { month: day } => {
            let today = works.rules.zone.date_of(works.db.now());
            let from = month(day)?.from();
            billing::issue_month(works, actor, org, (from, today)).await?;
            println!("{from}: every ready bill is issued");
        }
    }
    Ok(())
}
