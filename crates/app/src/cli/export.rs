//! `lamplight export`: an account's readings, use and bills as files.

use std::{collections::BTreeMap, io::Write, path::PathBuf, sync::Arc};

use clap::{Args, ValueEnum};
use jiff::ToSpan;
use kernel::{Date, FaultKind, Id, SystemClock, format_decimal};
use registry::premises::{account_by_no, usage_points_of_account};
use serde_json::json;
use store::Durability;
use supply::{
    billing::{BillRow, bills_of_account, lines_of_bill},
    meters::{installations_of_usage_point, meter_by_id},
    readings::{self, ExportPoint, safe_cell},
};

use super::Failure;
use crate::house::{House, HouseArgs};

/// `lamplight export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    house: HouseArgs,
    /// What.
    #[arg(value_enum)]
    what: What,
    /// The account's number (户号).
    #[arg(long)]
    account: String,
    /// The first day; a year before the last when it is not given.
    #[arg(long)]
    from: Option<Date>,
    /// The last day; yesterday when it is not given.
    #[arg(long)]
    to: Option<Date>,
    /// As what.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// A file; standard output when it is not given.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Register readings as delivered; their CSV imports again.
    Readings,
    /// Intervals that count; their CSV imports again.
    Intervals,
    /// The settled use of each day.
    Use,
    /// Bills with their lines.
    Bills,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Json,
    GreenButton,
    Nem12,
}

/// Exports.
pub async fn run(args: &ExportArgs) -> Result<(), Failure> {
    let house = House::open(&args.house, Arc::new(SystemClock), Durability::PowerCut).await?;
    let org = house.org(&args.house).await?;
    let zone = &house.works.rules.zone;
    let now = house.works.db.now();
    let yesterday = zone.date_of(now).yesterday().unwrap_or(Date::MAX);
    let last = args.to.unwrap_or(yesterday);
    let from = args.from.unwrap_or_else(|| last.checked_sub(1.year()).unwrap_or(last));
    let span = (from, last.checked_add(1.day()).unwrap_or(last));
    let mut tx = house.works.db.read().await?;
    let account = account_by_no(&mut tx, org, &args.account).await?;
    let account = account.ok_or_else(|| {
        Failure::new(FaultKind::NotFound, format!("there is no account {}", args.account))
    })?;
    drop(tx);
    let bytes = if args.what == What::Bills {
        bills(&house, org, account.id, span, args.format).await?
    } else {
        let points = points(&house, org, account.id, span).await?;
        match (args.what, args.format) {
            (_, Format::GreenButton) => readings::green_button(&points, zone, &args.account, now)
                .map_err(|error| Failure::output(&error))?,
            (_, Format::Nem12) => {
                let stamp = zone.datetime_of(now).strftime("%Y%m%d%H%M").to_string();
                readings::nem12(&points, &stamp)
            }
            (_, Format::Json) => days_json(&points)?,
            (What::Readings, Format::Csv) => readings::readings_csv(&points),
            (What::Intervals, Format::Csv) => readings::intervals_csv(&points, zone),
            (_, Format::Csv) => readings::days_csv(&points),
        }
    };
    match &args.out {
        Some(path) => std::fs::write(path, bytes).map_err(|error| Failure::file(path, &error)),
        None => std::io::stdout().write_all(&bytes).map_err(|error| Failure::output(&error)),
    }
}

async fn points(
    house: &House,
    org: Id,
    account: Id,
    span: (Date, Date),
) -> Result<Vec<ExportPoint>, Failure> {
    let mut tx = house.works.db.read().await?;
    let mut points = Vec::new();
    for point in usage_points_of_account(&mut tx, account).await? {
        let mut meters = BTreeMap::new();
        for place in installations_of_usage_point(&mut tx, org, point.id).await? {
            if let Some(meter) = meter_by_id(&mut tx, org, place.meter).await? {
                meters.insert(meter.id.get(), meter.asset_no);
            }
        }
        let (days, readings) = readings::history(&house.works, org, point.id, span).await?;
        let intervals = readings::intervals(&house.works, org, point.id, span).await?;
        points.push(ExportPoint { code: point.code, meters, days, readings, intervals });
    }
    Ok(points)
}

fn days_json(points: &[ExportPoint]) -> Result<Vec<u8>, Failure> {
    let kwh = |ukwh: i64| format_decimal(i128::from(ukwh), 6, 0);
    let points: Vec<_> = points
        .iter()
        .map(|point| {
            let days = point.days.iter().map(|(day, row)| {
                json!({
                    "day": day,
                    "total_kwh": kwh(row.day_ukwh()),
                    "windows_kwh": row.used.map(kwh),
                    "charge": format_decimal(i128::from(row.charge_day), 4, 2),
                    "estimated": lake::tables::DayMethod::from_code(row.method).is_estimate(),
                })
            });
            json!({ "usage_point": point.code, "days": days.collect::<Vec<_>>() })
        })
        .collect();
    pretty(&points)
}

fn pretty<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec_pretty(value)
        .map_err(|error| Failure::new(FaultKind::Bug, error.to_string()))
}

async fn bills(
    house: &House,
    org: Id,
    account: Id,
    (from, to): (Date, Date),
    format: Format,
) -> Result<Vec<u8>, Failure> {
    let mut tx = house.works.db.read().await?;
    let all = bills_of_account(&mut tx, org, account, to, 1_000).await?;
    let mut bills: Vec<(BillRow, Vec<serde_json::Value>)> = Vec::new();
    for bill in all.into_iter().filter(|bill| bill.period_to > from) {
        let lines = lines_of_bill(&mut tx, org, bill.id).await?;
        let lines = lines.iter().filter_map(|line| serde_json::from_str(&line.line).ok());
        bills.push((bill, lines.collect()));
    }
    match format {
        Format::Csv => Ok(bills_csv(&bills).into_bytes()),
        Format::Json => {
            let bills: Vec<_> = bills.iter().map(|(bill, lines)| bill_json(bill, lines)).collect();
            pretty(&bills)
        }
        Format::GreenButton | Format::Nem12 => {
            Err(Failure::usage("bills are exported as csv or json"))
        }
    }
}

fn bill_json(bill: &BillRow, lines: &[serde_json::Value]) -> serde_json::Value {
    json!({
        "bill_no": bill.bill_no,
        "period_from": bill.period_from,
        "period_to": bill.period_to,
        "state": bill.state,
        "currency": bill.currency,
        "total": format_decimal(i128::from(bill.total_units), 4, 2),
        "energy_kwh": format_decimal(i128::from(bill.energy_ukwh), 6, 0),
        "estimated_days": bill.estimated_day_count,
        "due_on": bill.due_on,
        "lines": lines,
    })
}

fn bills_csv(bills: &[(BillRow, Vec<serde_json::Value>)]) -> String {
    let mut out = String::from("bill_no,period_from,period_to,state,line,amount,formula\n");
    let quoted = |text: &str| format!("\"{}\"", safe_cell(text).replace('"', "\"\""));
    for (bill, lines) in bills {
        let head =
            format!("{},{},{},{}", bill.bill_no, bill.period_from, bill.period_to, bill.state);
        for line in lines {
            let text = |path: &str| line.pointer(path).and_then(|v| v.as_str()).unwrap_or_default();
            let amount = line.get("amount").map_or_else(String::new, |amount| {
                amount.as_str().map_or_else(|| amount.to_string(), str::to_owned)
            });
            let (label, formula) = (quoted(text("/label/zh")), quoted(text("/formula/zh")));
            out += &format!("{head},{label},{amount},{formula}\n");
        }
        let total = format_decimal(i128::from(bill.total_units), 4, 2);
        out += &format!("{head},\"合计\",{total},\n");
    }
    out
}
