//! `lamplight grid`: networks from files, what lies below a device, and which device failed. Nothing
//! is stored.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use grid::{
    Extent, Network,
    import::{ImportError, Imported, Limits, Problems, arrays, bureau, cim, feeder, lists},
    infer::{self, Grounds, rollup},
    state::{State, StateError},
};
use serde_json::{Value, json};

use super::{Failure, print_json};

/// `lamplight grid`
#[derive(Debug, Args)]
pub struct GridArgs {
    #[command(subcommand)]
    what: Grid,
}

#[derive(Debug, Subcommand)]
enum Grid {
    /// Read a network and say what is in it and what is wrong with it.
    Import {
        /// CIM as .xml or .xml.gz, or a folder of tables (see docs/grid.md).
        network: PathBuf,
        /// A bus where energy comes in, for tables of a test feeder; may be repeated.
        #[arg(long)]
        source: Vec<String>,
        /// Refuse the network when a row or reference could not be used.
        #[arg(long)]
        strict: bool,
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Count and list customers below devices, and switch.
    Trace {
        /// The network, as for import.
        #[arg(long)]
        network: PathBuf,
        /// Devices: a table with the column edge.
        #[arg(long)]
        devices: PathBuf,
        /// Operations in order: a table with the columns edge and closed.
        #[arg(long)]
        ops: Option<PathBuf>,
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Find the devices that probably failed.
    Infer {
        /// The network, as for import.
        #[arg(long)]
        network: PathBuf,
        /// Reports: a table with the columns usage_point and kind.
        #[arg(long)]
        reports: PathBuf,
        /// Usage points that are off already: a table with the column usage_point.
        #[arg(long)]
        off: Option<PathBuf>,
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command on a network.
pub fn run(args: &GridArgs) -> Result<(), Failure> {
    match &args.what {
        Grid::Import { network, source, strict, json } => report(network, source, *strict, *json),
        Grid::Trace { network, devices, ops, json } => {
            trace(network, devices, ops.as_deref(), *json)
        }
        Grid::Infer { network, reports, off, json } => {
            suspects(network, reports, off.as_deref(), *json)
        }
    }
}

/// Reads a network in whatever form it lies there.
fn read(path: &Path, sources: &[String]) -> Result<Imported, Failure> {
    let limits = Limits::default();
    let has = |name: &str| path.join(name).exists();
    if !path.is_dir() {
        let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
        return Ok(cim::read(&path.display().to_string(), BufReader::new(file), limits)?);
    }
    if has("net.npz") {
        let (name, bytes) = load(&path.join("net.npz"))?;
        return Ok(arrays::read(&name, &bytes, limits)?);
    }
    let tables = |names: [&str; 3]| -> Result<_, Failure> {
        let [a, b, c] = names.map(|name| load(&path.join(name)));
        Ok([a?, b?, c?])
    };
    if has("buses.csv") {
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        let [a, b, c] = tables(["buses.csv", "edges.csv", "loads.csv"])?;
        return Ok(feeder::read(file(&a), file(&b), file(&c), &sources, limits)?);
    }
    let [a, b, c] = tables(["nodes.csv", "edges.csv", "usage_points.csv"])?;
    Ok(bureau::read(file(&a), file(&b), file(&c), limits)?)
}

fn load(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    Ok((path.display().to_string(), bytes))
}

fn file(loaded: &(String, Vec<u8>)) -> bureau::File<'_> {
    (&loaded.0, &loaded.1)
}

fn report(path: &Path, sources: &[String], strict: bool, as_json: bool) -> Result<(), Failure> {
    let imported = read(path, sources)?;
    let (classes, switched) = (imported.classes.clone(), imported.switched.len());
    let (_, report) = imported.finish()?;
    if as_json {
        print_json(&json!({ "counts": classes, "switched": switched, "report": report }))?;
    } else {
        for (class, count) in &classes {
            println!("{class}: {count}");
        }
        println!(
            "{} of {} nodes and {} of {} usage points are fed",
            report.nodes_reached, report.nodes, report.usage_points_reached, report.usage_points
        );
        println!(
            "{} parts without a source, {} loops, {} usage points that lack a phase",
            report.islands.count, report.loops.count, report.unfed.count
        );
        tell(&report.problems);
    }
    if strict && report.problems.count > 0 {
        return Err(Failure::invalid(format!("{} problems", report.problems.count)));
    }
    Ok(())
}

/// Says on standard error what was left out.
fn tell(problems: &Problems) {
    for problem in &problems.first {
        eprintln!("{problem}");
    }
    let more = problems.count.saturating_sub(problems.first.len().try_into().unwrap_or(u64::MAX));
    if more > 0 {
        eprintln!("and {more} more");
    }
}

/// Seconds that something took.
#[expect(clippy::disallowed_methods, reason = "the command measures itself")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = std::time::Instant::now();
    let done = work();
    (done, began.elapsed().as_secs_f64())
}

/// A table that is nothing when a row of it is bad: answers would not match their questions.
fn whole<T>(list: Result<lists::List<T>, ImportError>) -> Result<Vec<T>, Failure> {
    let list = list?;
    match list.problems.first.first() {
        Some(problem) => Err(Failure::invalid(problem.to_string())),
        None => Ok(list.rows),
    }
}

fn trace(path: &Path, devices: &Path, ops: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let (imported, load_s) = timed(|| read(path, &[]));
    let rows = imported?.rows;
    let (state, orient_s) = timed(|| Network::build(rows).map(|net| State::normal(Arc::new(net))));
    let mut state = state.map_err(ImportError::from)?;
    let net = Arc::clone(state.network());
    let devices = whole(lists::devices(&net, file(&load(devices)?)))?;
    let ops = match ops {
        Some(ops) => whole(lists::operations(&net, file(&load(ops)?)))?,
        None => Vec::new(),
    };
    let count = || devices.iter().map(|edge| state.customers_below(*edge)).collect();
    let (counts, counts_s) = timed::<Result<Vec<u32>, _>>(count);
    let (lists, lists_s) = timed(|| {
        let list = |edge: &u32| Ok(state.below(*edge)?.points(&net));
        devices.iter().map(list).collect::<Result<Vec<Vec<u32>>, StateError>>()
    });
    let listed: usize = lists?.iter().map(Vec::len).sum();
    let mut each_us = Vec::with_capacity(ops.len());
    for (edge, closed) in &ops {
        let (change, seconds) = timed(|| state.set(*edge, *closed));
        change?;
        each_us.push(seconds * 1e6);
    }
    let ops_s: f64 = each_us.iter().sum::<f64>() / 1e6;
    let counts = counts?;
    let energised = state.customers_supplied();
    if !as_json {
        for (edge, count) in devices.iter().zip(&counts) {
            println!("{}: {count}", net.rows().edges.names.get(*edge));
        }
        println!("{energised} customers energised after {} operations", ops.len());
        return Ok(());
    }
    each_us.sort_by(f64::total_cmp);
    let quantile =
        |share: usize| each_us.get((each_us.len() * share).div_ceil(100).saturating_sub(1));
    print_json(&json!({
        "customers_below": counts,
        "customers_listed": listed,
        "customers_energised_after": energised,
        "seconds": {
            "load": load_s, "orient": orient_s, "counts": counts_s, "lists": lists_s, "ops": ops_s,
        },
        "op_us": { "p50": quantile(50), "p99": quantile(99), "max": each_us.last() },
    }))
}

fn suspects(path: &Path, reports: &Path, off: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let imported = read(path, &[])?;
    let switched = imported.switched.clone();
    let net = Arc::new(Network::build(imported.rows).map_err(ImportError::from)?);
    let mut state = State::normal(Arc::clone(&net));
    for (edge, closed) in switched {
        state.set(edge, closed)?;
    }
    let reports = lists::reports(&net, file(&load(reports)?))?;
    tell(&reports.problems);
    let off = match off {
        Some(off) => {
            let off = lists::usage_points(&net, file(&load(off)?))?;
            tell(&off.problems);
            Extent::of_points(&net, off.rows)
        }
        None => Extent::new(),
    };
    let settings = infer::Settings::default();
    let (found, seconds) = timed(|| infer::infer(&state, &reports.rows, &off, &settings));
    let rule = rollup::rollup(&state, &reports.rows, &off, rollup::Thresholds::default());
    if !as_json {
        for suspect in &found.suspects {
            println!("{}", because(&net, suspect.edge, suspect.likelihood, &suspect.grounds, "en"));
        }
        return Ok(());
    }
    let suspects = found.suspects.iter().map(|suspect| {
        let mut value = device(&net, suspect.edge, suspect.likelihood, &suspect.grounds);
        value["supported"] = json!(suspect.supported);
        value["none_likelihood"] = json!(suspect.none);
        let others = suspect.alternatives.iter();
        value["alternatives"] = others
            .map(|other| device(&net, other.edge, other.likelihood, &other.grounds))
            .collect();
        value
    });
    print_json(&json!({
        "suspects": suspects.collect::<Vec<Value>>(),
        "unexplained": found.unexplained,
        "suppressed": found.suppressed,
        "unfed": found.unfed,
        "rollup": rule.map(|edge| net.rows().edges.names.get(edge).into_owned()),
        "reports": reports.rows.len(),
        "problems": reports.problems,
        "seconds": seconds,
    }))
}

fn device(net: &Network, edge: u32, likelihood: f64, grounds: &Grounds) -> Value {
    json!({
        "device": net.rows().edges.names.get(edge),
        "kind": net.rows().edges.kind[edge as usize],
        "likelihood": likelihood,
        "evidence": grounds,
        "because": {
            "en": because(net, edge, likelihood, grounds, "en"),
            "zh": because(net, edge, likelihood, grounds, "zh"),
        },
    })
}

/// The evidence as a sentence.
fn because(net: &Network, edge: u32, likelihood: f64, g: &Grounds, language: &str) -> String {
    let (name, kind) = (net.rows().edges.names.get(edge), net.rows().edges.kind[edge as usize]);
    let percent = 100.0 * likelihood;
    if language == "zh" {
        return format!(
            "{name}（{}）可能性 {percent:.1}%：下游 {} 户中 {} 户报停电，同线路其他 {} 户报停电；\
             召测无应答 {}、有应答 {}；{} 台配变中 {} 台有报告",
            kind.chinese(),
            g.customers,
            g.reports_inside,
            g.reports_outside,
            g.pings_dark,
            g.pings_lit,
            g.transformers,
            g.transformers_reporting,
        );
    }
    format!(
        "{name} ({}) with likelihood {percent:.1} %: {} of {} customers below report no power, {} \
         elsewhere on the feeder; of meters asked, {} did not answer and {} did; {} of {} \
         transformers have a report",
        kind.code(),
        g.reports_inside,
        g.customers,
        g.reports_outside,
        g.pings_dark,
        g.pings_lit,
        g.transformers_reporting,
        g.transformers,
    )
}
