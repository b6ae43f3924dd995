//! `lamplight promise`: deadlines in business hours and working days, for scripts.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Write, stdout},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use kernel::{Date, Instant, Zone};
use promise::{
    Schedule,
    plain::{PlainCalendar, calendar},
};
use serde::{Deserialize, Serialize};

use super::Failure;

/// `lamplight promise`
#[derive(Debug, Args)]
pub struct PromiseArgs {
    #[command(subcommand)]
    command: PromiseCommand,
}

#[derive(Debug, Subcommand)]
enum PromiseCommand {
    /// When things are due: one JSON line for each case.
    Due(DueArgs),
}

#[derive(Debug, Args)]
struct DueArgs {
    /// Office hours by name, as JSON; the cases follow as JSON lines.
    #[arg(long, requires = "cases", conflicts_with = "working_days")]
    calendars: Option<PathBuf>,
    /// Holidays, make-up working days and cases in one JSON file.
    #[arg(long)]
    working_days: Option<PathBuf>,
    /// Cases, one JSON object a line.
    #[arg(conflicts_with = "working_days")]
    cases: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Case {
    tz: String,
    calendar: String,
    start: i64,
    add_business_minutes: i64,
    end: i64,
}

#[derive(Serialize)]
struct Due {
    due: i64,
    due_local: String,
    elapsed_business_seconds: i64,
}

#[derive(Deserialize)]
struct WorkingDays {
    holidays: Vec<Date>,
    #[serde(default)]
    makeup_working_days: Vec<Date>,
    cases: Vec<WorkingDayCase>,
}

#[derive(Deserialize)]
struct WorkingDayCase {
    start: Date,
    working_days: u32,
}

#[derive(Serialize)]
struct WorkingDayDue {
    start: Date,
    working_days: u32,
    due_no_makeup: Date,
    due_with_makeup: Date,
}

/// Prints when things are due.
pub fn run(args: &PromiseArgs) -> Result<(), Failure> {
    let PromiseCommand::Due(args) = &args.command;
    match (&args.calendars, &args.cases, &args.working_days) {
        (Some(calendars), Some(cases), _) => business_hours(calendars, cases),
        (_, _, Some(file)) => working_days(file),
        _ => Err(Failure::usage("give --calendars FILE CASES, or --working-days FILE")),
    }
}

fn business_hours(calendars: &Path, cases: &Path) -> Result<(), Failure> {
    let named: BTreeMap<String, PlainCalendar> = read_json(calendars)?;
    let file = File::open(cases).map_err(|error| Failure::file(cases, &error))?;
    let mut schedules: BTreeMap<(String, String, i16), Schedule> = BTreeMap::new();
    let mut out = stdout().lock();
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.map_err(|error| Failure::file(cases, &error))?;
        if line.trim().is_empty() {
            continue;
        }
        let at = |reason: String| {
            Failure::invalid(format!("{}, line {number}: {reason}", cases.display()))
        };
        let case: Case = serde_json::from_str(&line).map_err(|error| at(error.to_string()))?;
        let zone = Zone::get(&case.tz).ok_or_else(|| at(format!("no time zone {}", case.tz)))?;
        let named = named
            .get(&case.calendar)
            .ok_or_else(|| at(format!("no calendar {}", case.calendar)))?;
        let start = instant(case.start).ok_or_else(|| at("start is out of range".to_owned()))?;
        let year = zone.date_of(start).year();
        let key = (case.tz.clone(), case.calendar.clone(), year);
        if !schedules.contains_key(&key) {
            let schedule = lay(named, &zone, year).map_err(|error| at(error.to_string()))?;
            schedules.insert(key.clone(), schedule);
        }
        let schedule = &schedules[&key];
        let due = due(schedule, &zone, &case, start).map_err(|error| at(error.to_string()))?;
        write_line(&mut out, &due)?;
    }
    Ok(())
}

/// Years before and after the start that a schedule reaches over.
const YEARS: i16 = 3;

fn lay(named: &PlainCalendar, zone: &Zone, year: i16) -> Result<Schedule, promise::ClockError> {
    let (hours, holidays) = named.hours();
    let years = (year.saturating_sub(1), year.saturating_add(YEARS));
    Schedule::compile(&hours, &holidays, zone, years)
}

fn due(
    schedule: &Schedule,
    zone: &Zone,
    case: &Case,
    start: Instant,
) -> Result<Due, promise::ClockError> {
    let range = || kernel::QuantityError::Overflow("limit");
    let limit = case.add_business_minutes.checked_mul(60_000_000).ok_or_else(range)?;
    let until = schedule.worked_until(start)?.checked_add(limit).ok_or_else(range)?;
    let due = schedule.latest_with(until)?;
    let end = instant(case.end).ok_or_else(range)?;
    Ok(Due {
        due: due.micros() / 1_000_000,
        due_local: zone.datetime_of(due).to_string(),
        elapsed_business_seconds: schedule.worked_between(start, end)? / 1_000_000,
    })
}

fn working_days(path: &Path) -> Result<(), Failure> {
    let data: WorkingDays = read_json(path)?;
    let (plain, made_up) =
        (calendar(&data.holidays, &[]), calendar(&data.holidays, &data.makeup_working_days));
    let mut out = stdout().lock();
    for case in &data.cases {
        let line = WorkingDayDue {
            start: case.start,
            working_days: case.working_days,
            due_no_makeup: plain.plus_working_days(case.start, case.working_days)?,
            due_with_makeup: made_up.plus_working_days(case.start, case.working_days)?,
        };
        write_line(&mut out, &line)?;
    }
    Ok(())
}

fn instant(seconds: i64) -> Option<Instant> {
    seconds.checked_mul(1_000_000).map(Instant::from_micros)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    serde_json::from_reader(BufReader::new(file))
        .map_err(|error| Failure::invalid(format!("{}: {error}", path.display())))
}

fn write_line<T: Serialize>(out: &mut impl Write, value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::new(kernel::FaultKind::Bug, error.to_string()))?;
    writeln!(out, "{text}").map_err(|error| Failure::output(&error))
}
