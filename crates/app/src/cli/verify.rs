//! `lamplight verify`: settled days, bills and the ledger computed again and compared.

use std::sync::Arc;

use clap::Args;
use jiff::ToSpan;
use kernel::{Date, DatePeriod, SystemClock};
use serde::Serialize;
use store::Durability;
use supply::{
    billing::{bill_by_no, bills_in_period},
    settlement::last_settled,
    verify::{BillCheck, DayCheck, verify_bills, verify_days, verify_ledger},
};

use super::{Failure, print_json};
use crate::house::{House, HouseArgs};

/// `lamplight verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    house: HouseArgs,
    /// One settled day.
    #[arg(long, conflicts_with_all = ["from", "to"])]
    day: Option<Date>,
    /// The first of several settled days.
    #[arg(long, requires = "to")]
    from: Option<Date>,
    /// The last of several settled days.
    #[arg(long, requires = "from")]
    to: Option<Date>,
    /// One bill, by its number.
    #[arg(long)]
    bill: Option<String>,
    /// The bills of a month, such as 2026-06.
    #[arg(long)]
    period: Option<String>,
    /// Print what was found as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Default, Serialize)]
struct Found {
    days: Vec<DayCheck>,
    bills: Vec<BillCheck>,
    ledger_holds: bool,
    accounts_out_of_balance: Vec<(String, i64, String)>,
}

/// Verifies; the last settled day and the ledger when nothing is named. Fails when anything
/// differs.
pub async fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let house = House::open(&args.house, Arc::new(SystemClock), Durability::PowerCut).await?;
    let org = house.org(&args.house).await?;
    let quiet = args.json;
    let report = move |done: i64, total: i64, word: &str| {
        if !quiet && (done == total || done % 50 == 0) {
            eprintln!("{word} computed again ({done} of {total})");
        }
    };
    let mut found = Found::default();
    if let Some((from, to)) = days(args, &house, org).await? {
        found.days = verify_days(&house.works, org, (from, to), &report).await?;
    }
    let bills = bills(args, &house, org).await?;
    found.bills = verify_bills(&house.works, org, &bills, &report).await?;
    let proof = verify_ledger(&house.works, org).await?;
    found.ledger_holds = proof.holds();
    found.accounts_out_of_balance = proof.out_of_balance;
    if args.json {
        print_json(&found)?;
    } else {
        tell(&found);
    }
    let differing = found.days.iter().filter(|day| !day.differences.is_empty()).count()
        + found.bills.iter().filter(|bill| !bill.differences.is_empty()).count();
    if differing > 0 || !found.ledger_holds {
        return Err(Failure::invalid(format!(
            "{differing} days and bills differ from what is stored"
        )));
    }
    Ok(())
}

async fn days(
    args: &VerifyArgs,
    house: &House,
    org: kernel::Id,
) -> Result<Option<(Date, Date)>, Failure> {
    let after = |day: Date| day.checked_add(1.day()).unwrap_or(day);
    Ok(match (args.day, args.from, args.to) {
        (Some(day), ..) => Some((day, after(day))),
        (None, Some(from), Some(to)) => Some((from, after(to))),
        _ if args.bill.is_none() && args.period.is_none() => {
            let mut tx = house.works.db.read().await?;
            last_settled(&mut tx, org).await?.map(|last| (last.day, after(last.day)))
        }
        _ => None,
    })
}

async fn bills(
    args: &VerifyArgs,
    house: &House,
    org: kernel::Id,
) -> Result<Vec<supply::billing::BillRow>, Failure> {
    let mut tx = house.works.db.read().await?;
    if let Some(no) = &args.bill {
        let bill = bill_by_no(&mut tx, org, no).await?;
        return Ok(vec![bill.ok_or_else(|| Failure::invalid(format!("there is no bill {no}")))?]);
    }
    let Some(month) = &args.period else { return Ok(Vec::new()) };
    let first: Date = format!("{month}-01")
        .parse()
        .map_err(|_| Failure::usage(format!("{month:?} is no month: write 2026-06")))?;
    let period = DatePeriod::month_of(first).map_err(|error| Failure::usage(error.to_string()))?;
    let mut all = Vec::new();
    loop {
        let after = all.last().map_or(kernel::Id::from_i64(0), |b: &supply::billing::BillRow| b.id);
        let page = bills_in_period(&mut tx, org, period.from(), after, 1_000).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

fn tell(found: &Found) {
    for day in found.days.iter().filter(|day| !day.differences.is_empty()) {
        println!("{}: {} usage points differ", day.day, day.differences.len());
        for (usage_point, fields) in day.differences.iter().take(10) {
            println!("  usage point {usage_point}: {}", fields.join("; "));
        }
    }
    for bill in found.bills.iter().filter(|bill| !bill.differences.is_empty()) {
        println!("bill {}: {}", bill.bill_no, bill.differences.join("; "));
    }
    for bill in &found.bills {
        if let Some(units) = bill.moved_to_units {
            let now = kernel::format_decimal(i128::from(units), 4, 2);
            println!("bill {}: by what counts now it comes to {now}; correct it", bill.bill_no);
        }
    }
    let rows: u64 = found.days.iter().map(|day| day.usage_points).sum();
    println!(
        "{} days with {rows} rows, {} bills computed again; the ledger {}",
        found.days.len(),
        found.bills.len(),
        if found.ledger_holds { "agrees with itself" } else { "does not agree with itself" }
    );
    for (code, owner, currency) in &found.accounts_out_of_balance {
        println!("ledger account {code} of {owner} in {currency} is not the sum of its transfers");
    }
}
