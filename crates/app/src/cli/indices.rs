//! `lamplight indices`: reliability indices of a file of interruptions, and major-event days of a
//! file of daily SAIDI, as JSON with what each number was made of. Nothing is stored.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use flate2::read::MultiGzDecoder;
use grid::reliability::{
    Basis, DEFAULT_RULES, Deviation, Index, RowSet, Rules, Served, Standard, Table,
    csv::{self, Read1366, Reading},
    dlt836, ieee1366, major,
};
use kernel::{Date, FaultKind, Instant, Zone};
use serde_json::{Map, Value, json};

use super::Failure;

/// The longest interruption of a file that is believed without being told otherwise.
const LONGEST_DAYS: i64 = 366;

/// Lines named of those that were left out.
const LINES_TOLD: usize = 10;

/// The standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// SAIDI, SAIFI, CAIDI, … of customers.
    #[value(name = "ieee-1366")]
    Ieee1366,
    /// RS-1 to RS-4, AIHC, AITC, … of medium-voltage users.
    #[value(name = "dlt-836")]
    Dlt836,
}

/// `lamplight indices`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct IndicesArgs {
    #[command(subcommand)]
    part: Option<Part>,
    /// Interruptions, .csv or .csv.gz (columns: docs/reliability.md).
    #[arg(long, required = true)]
    interruptions: Option<PathBuf>,
    /// Customers served: a number, or a file of numbers by first day.
    #[arg(long, required = true)]
    served: Option<String>,
    /// Print JSON; there is no other form yet.
    #[arg(long)]
    json: bool,
    /// The standard to count by.
    #[arg(long, value_enum, default_value = "ieee-1366")]
    standard: Which,
    /// First day of the period; without it the day of the first interruption.
    #[arg(long)]
    from: Option<Date>,
    /// First day after the period; without it the day after the last interruption began.
    #[arg(long)]
    to: Option<Date>,
    /// Whose days these are.
    #[arg(long, default_value = "Asia/Shanghai")]
    zone: String,
    /// Until when an interruption is counted that has not ended: 2026-07-08T10:15:00Z.
    #[arg(long)]
    as_of: Option<jiff::Timestamp>,
    /// Connected load in kVA, for ASIFI and ASIDI.
    #[arg(long)]
    kva: Option<u64>,
    /// Distinct customers interrupted, where rows do not name usage points.
    #[arg(long)]
    distinct: Option<u64>,
    /// Refuse the file for a row with impossible times; otherwise they are left out and told.
    #[arg(long)]
    strict: bool,
    /// Longer interruptions are taken for mistakes, in days.
    #[arg(long, default_value_t = LONGEST_DAYS)]
    longest_days: i64,
    /// Name the lines that this index was made of, too.
    #[arg(long)]
    lines_of: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Major-event days of a file of daily SAIDI.
    Med(MedArgs),
}

/// `lamplight indices med`
#[derive(Debug, Args)]
struct MedArgs {
    /// Days: columns day, saidi_min (or saidi_day), optionally ci.
    #[arg(long)]
    daily: PathBuf,
    /// Print JSON; there is no other form yet.
    #[arg(long)]
    json: bool,
    /// Customers served, for SAIFI.
    #[arg(long)]
    served: Option<u64>,
    /// The divisor of beta; without it that of the rules.
    #[arg(long, value_enum)]
    deviation: Option<Divisor>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Divisor {
    /// n − 1.
    Sample,
    /// n.
    Population,
}

/// Computes and prints.
pub fn run(args: &IndicesArgs) -> Result<(), Failure> {
    let rules = Rules::parse(DEFAULT_RULES)?;
    match (&args.part, &args.interruptions, &args.served) {
        (Some(Part::Med(med)), ..) => days(med, &rules),
        (None, Some(file), Some(served)) => interruptions(args, file, served, &rules),
        _ => Err(Failure::usage(
            "write: indices --interruptions FILE.csv --served N|FILE.csv --json",
        )),
    }
}

/// The period, the table and what was left out.
struct Case {
    read: Read1366,
    zone: Zone,
    from: Date,
    to: Date,
    basis: Basis,
}

fn interruptions(
    args: &IndicesArgs,
    file: &Path,
    served: &str,
    rules: &Rules,
) -> Result<(), Failure> {
    let mut clock = Stopwatch::start();
    let mut case = case(args, file, served, rules)?;
    tell_left_out(file, &case.read);
    let standard = rules.standard(name(args.standard), case.from)?;
    clock.lap("read");
    let table = Table::join(std::mem::take(&mut case.read.rows), rules)?;
    clock.lap("join");
    let mut out = Map::new();
    let indices = match args.standard {
        Which::Ieee1366 => by_ieee1366(&case, &table, rules, standard, &mut out)?,
        Which::Dlt836 => dlt836::report(&table, rules, standard, &case.basis)?,
    };
    clock.lap("indices");
    let lines = |set| lines(args.standard, &table, rules, standard, &case.basis, set);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut listed = Map::new();
    for index in &indices {
        let set = format!("{:?}", index.rows);
        let rows = counts.entry(set).or_insert_with(|| lines(index.rows).count());
        listed.insert(index.id.clone(), explained(index, *rows));
    }
    if let Some(id) = &args.lines_of {
        let index = indices.iter().find(|index| index.id == *id);
        let none = || Failure::usage(format!("--lines-of: there is no {id} here"));
        let mut lines: Vec<u32> = lines(index.ok_or_else(none)?.rows).collect();
        lines.sort_unstable();
        out.insert("lines".to_owned(), json!(lines));
    }
    let values = indices.iter().map(|index| (index.id.clone(), number(index.value(9))));
    let head = json!({
        "standard": {
            "id": standard.id,
            "edition": standard.edition,
            "confidence": standard.confidence,
        },
        "period": {
            "from": case.from,
            "to": case.to,
            "zone": args.zone,
            "hours": (case.basis.to_s - case.basis.from_s) / 3_600,
        },
        "rows": table.rows.len(),
        "rows_of_kinds_that_do_not_count": table.not_counted,
        "left_out": left_out(&case.read),
        "values": Value::Object(values.collect()),
        "indices": listed,
        "seconds": clock.laps(),
    });
    if let Value::Object(head) = head {
        out.extend(head);
    }
    super::print_json(&out)
}

/// The indices, and in `out` what belongs to them alone: what is missing, parts, days.
fn by_ieee1366(
    case: &Case,
    table: &Table,
    rules: &Rules,
    standard: &Standard,
    out: &mut Map<String, Value>,
) -> Result<Vec<Index>, Failure> {
    let report = ieee1366::report(table, standard, &case.basis)?;
    let missing = report.missing.iter();
    let missing = missing.map(|(index, needs)| json!({ "index": index, "needs": needs }));
    let kinds = report.by_kind.iter();
    let kinds = kinds.map(|(kind, part)| (rules.kinds[kind.place()].id.as_str(), part));
    let groups = report.by_group.iter();
    let groups =
        groups.filter_map(|(at, part)| Some((case.read.groups.get(*at as usize)?.as_str(), part)));
    out.insert("outside_the_period".to_owned(), json!(report.outside));
    out.insert("missing".to_owned(), missing.collect());
    out.insert("by_kind".to_owned(), parts(kinds));
    out.insert("by_group".to_owned(), parts(groups));
    if let Some(rule) = standard.major_event_day {
        let days = major::daily(table, standard, &case.basis, &case.zone)?;
        let years = major::years(&days, &rule)?;
        let years = years.iter().map(|year| of_year(year, None));
        out.insert("major_event_days".to_owned(), years.collect());
    }
    Ok(report.indices)
}

const fn name(which: Which) -> &'static str {
    match which {
        Which::Ieee1366 => "ieee-1366",
        Which::Dlt836 => "dlt-836",
    }
}

fn lines<'a>(
    which: Which,
    table: &'a Table,
    rules: &'a Rules,
    standard: &'a Standard,
    basis: &'a Basis,
    set: RowSet,
) -> Box<dyn Iterator<Item = u32> + 'a> {
    match which {
        Which::Ieee1366 => Box::new(ieee1366::rows_of(table, standard, basis, set)),
        Which::Dlt836 => Box::new(dlt836::rows_of(table, rules, standard, basis, set)),
    }
}

fn case(args: &IndicesArgs, file: &Path, served: &str, rules: &Rules) -> Result<Case, Failure> {
    let zone = Zone::get(&args.zone)
        .ok_or_else(|| Failure::usage(format!("--zone: there is no {:?}", args.zone)))?;
    let start_s = |day: Date| -> Result<i64, Failure> {
        Ok(zone.day(day)?.from().micros().div_euclid(1_000_000))
    };
    let longest_s = args.longest_days.checked_mul(86_400).filter(|seconds| *seconds > 0);
    let reading = Reading {
        rules,
        zone: &zone,
        as_of_s: args.as_of.map(jiff::Timestamp::as_second),
        without_start_s: args.from.map_or(Ok(0), start_s)?,
        strict: args.strict,
        longest_s: longest_s.ok_or_else(|| Failure::usage("--longest-days must be above zero"))?,
    };
    let read = csv::interruptions(open(file)?, &reading).map_err(|error| in_file(file, &error))?;
    let day = |at_s: i64| zone.date_of(Instant::from_micros(0).plus_seconds(at_s));
    let began = || read.rows.iter().map(|row| row.began_s);
    let (first, last) = (began().min().unwrap_or(0), began().max().unwrap_or(0));
    let from = args.from.unwrap_or_else(|| day(first));
    // Minutes without a begin are taken for a year.
    let span = if read.dated { jiff::Span::new().days(1) } else { jiff::Span::new().days(365) };
    let after = day(last).checked_add(span).map_err(|error| Failure::invalid(error.to_string()))?;
    let to = args.to.unwrap_or(after);
    let served = match served.parse::<u64>() {
        Ok(customers) => Served::always(customers)?,
        Err(_) => {
            let path = Path::new(served);
            csv::served(open(path)?, from, to).map_err(|error| in_file(path, &error))?
        }
    };
    let (from_s, to_s) = (start_s(from)?, start_s(to)?);
    let basis = Basis { from_s, to_s, served, connected_kva: args.kva, distinct: args.distinct };
    Ok(Case { read, from, to, basis, zone })
}

fn tell_left_out(file: &Path, read: &Read1366) {
    if let Some((line, reason)) = read.left_out.first() {
        let count = read.left_out.len();
        eprintln!("{}: {count} rows left out; the first is line {line}: {reason}", file.display());
    }
}

fn left_out(read: &Read1366) -> Value {
    let mut reasons: BTreeMap<&str, (usize, Vec<u32>)> = BTreeMap::new();
    for (line, reason) in &read.left_out {
        let (count, lines) = reasons.entry(reason).or_default();
        *count += 1;
        if lines.len() < LINES_TOLD {
            lines.push(*line);
        }
    }
    let told = reasons.iter().map(
        |(reason, (count, lines))| json!({ "reason": reason, "rows": count, "first_lines": lines }),
    );
    json!({ "rows": read.left_out.len(), "reasons": told.collect::<Vec<_>>() })
}

fn explained(index: &Index, rows: usize) -> Value {
    json!({
        "value": index.value(9),
        "unit": index.unit,
        "numerator": index.numerator.to_string(),
        "numerator_of": index.numerator_of,
        "times": index.times.to_string(),
        "denominator": index.denominator.to_string(),
        "denominator_of": index.denominator_of,
        "per": index.per.to_string(),
        "made_of": index.rows,
        "made_of_rows": rows,
    })
}

fn parts<'a>(parts: impl Iterator<Item = (&'a str, &'a ieee1366::Part)>) -> Value {
    let part = |(name, part): (&str, &ieee1366::Part)| {
        let value = json!({
            "sustained": part.sustained.to_string(),
            "momentary": part.momentary.to_string(),
            "customer_seconds": part.seconds.to_string(),
        });
        (name.to_owned(), value)
    };
    Value::Object(parts.map(part).collect())
}

fn days(args: &MedArgs, rules: &Rules) -> Result<(), Failure> {
    let file = &args.daily;
    let days = csv::daily(open(file)?).map_err(|error| in_file(file, &error))?;
    let last = days.iter().map(|day| day.on).max();
    let last = last.ok_or_else(|| Failure::invalid(format!("{}: no day", file.display())))?;
    let standard = rules.standard("ieee-1366", last)?;
    let mut rule = standard.major_event_day.ok_or_else(|| {
        Failure::new(FaultKind::Bug, "the rules of ieee-1366 lack [standard.major_event_day]")
    })?;
    match args.deviation {
        Some(Divisor::Sample) => rule.deviation = Deviation::Sample,
        Some(Divisor::Population) => rule.deviation = Deviation::Population,
        None => {}
    }
    let years = major::years(&days, &rule)?;
    if years.is_empty() {
        let reason = "no year has a year before it with two days of SAIDI above zero";
        return Err(Failure::invalid(format!("{}: {reason}", file.display())));
    }
    super::print_json(&json!({
        "standard": standard.edition,
        "multiplier": format!("{}/{}", rule.multiplier.numerator(), rule.multiplier.denominator()),
        "history_years": rule.history_years,
        "deviation": rule.deviation,
        "days": days.len(),
        "years": years.iter().map(|year| of_year(year, args.served)).collect::<Vec<_>>(),
    }))
}

fn of_year(year: &major::Year, served: Option<u64>) -> Value {
    let found = &year.threshold;
    let minutes = |nmin: i128| number(Some(kernel::format_decimal(nmin, 9, 0)));
    let mut out = json!({
        "year": found.year,
        "history_from": found.from,
        "history_to": found.to,
        "years_of_history": found.years,
        "history_incomplete": found.incomplete,
        "days_used": found.days_used,
        "zero_days": found.zero_days,
        "alpha": found.alpha,
        "beta": found.beta,
        "t_med_min": found.t_med_min,
        "major_event_days": year.major,
        "saidi_all_min": minutes(year.saidi_all_nmin),
        "saidi_without_min": minutes(year.saidi_without_nmin),
        "interruptions_all": year.interruptions_all.map(|count| count.to_string()),
        "interruptions_without": year.interruptions_without.map(|count| count.to_string()),
    });
    if let Some(served) = served.filter(|served| *served > 0) {
        let saifi = |count: Option<i128>| {
            let nano = count.and_then(|count| {
                let above = count.checked_mul(1_000_000_000)?;
                kernel::div_round(above, i128::from(served), kernel::RoundingMode::HalfUp)
            });
            number(nano.map(|nano| kernel::format_decimal(nano, 9, 0)))
        };
        out["saifi_all"] = saifi(year.interruptions_all);
        out["saifi_without"] = saifi(year.interruptions_without);
    }
    out
}

/// A decimal text as a JSON number.
fn number(text: Option<String>) -> Value {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null)
}

fn in_file(file: &Path, error: &grid::reliability::ReliabilityError) -> Failure {
    Failure::invalid(format!("{}: {error}", file.display()))
}

/// A file that may be gzipped.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    Ok(if path.extension().is_some_and(|ending| ending == "gz") {
        Box::new(MultiGzDecoder::new(BufReader::new(file)))
    } else {
        Box::new(BufReader::with_capacity(1 << 20, file))
    })
}

/// Wall time of the steps of a command.
pub(super) struct Stopwatch {
    since: std::time::Instant,
    laps: Map<String, Value>,
}

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a command took is told, not decided on"
    )]
    pub(super) fn start() -> Self {
        Self { since: std::time::Instant::now(), laps: Map::new() }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "how long a command took is told, not decided on"
    )]
    pub(super) fn lap(&mut self, step: &str) {
        self.laps.insert(step.to_owned(), json!(self.since.elapsed().as_secs_f64()));
        self.since = std::time::Instant::now();
    }

    pub(super) fn laps(self) -> Value {
        Value::Object(self.laps)
    }
}
