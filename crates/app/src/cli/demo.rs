//! `lamplight demo`: make the demo county and open its doors.

use std::{
    io::{IsTerminal, stderr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Clock, Date, Instant, SystemClock};
use store::Durability;

use super::{Failure, serve};
use crate::{
    channels::ChannelsConfig,
    demo::{Demo, PASSWORD, SIGN_INS},
    house::{House, HouseArgs},
};

/// `lamplight demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The folder for the demo's database and lake; a demo found there goes on.
    #[arg(long, default_value = "lamplight-demo")]
    data: PathBuf,
    /// Another database than the one in the folder, for example postgres://…
    #[arg(long)]
    database: Option<String>,
    /// How many customers.
    #[arg(long, default_value_t = 12_000, value_parser = clap::value_parser!(u32).range(100..=2_000_000))]
    customers: u32,
    /// The first day with readings.
    #[arg(long, default_value = "2025-11-01")]
    from: Date,
    /// The last day with readings; the demo's clock stands on the morning after.
    #[arg(long, default_value = "2026-11-20")]
    to: Date,
    /// The seed of everything that is drawn.
    #[arg(long, default_value_t = 20_261_121)]
    seed: u64,
    /// Make the demo and stop; open no doors.
    #[arg(long)]
    no_serve: bool,
    /// Print a hash of everything that was settled and billed, when the demo is made.
    #[arg(long)]
    digest: bool,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
}

/// The machine's clock, moved so that the demo began on the morning after its last day.
#[derive(Debug)]
struct DemoClock {
    ahead_micros: i64,
}

impl Clock for DemoClock {
    fn now(&self) -> Instant {
        Instant::from_micros(SystemClock.now().micros().saturating_add(self.ahead_micros))
    }
}

/// How far the demo's clock is ahead of the machine's. A demo that is started again goes on from
/// where its clock was, because time never goes back for what is stored.
fn ahead_micros(data: &Path, morning: Instant) -> Result<i64, Failure> {
    let file = data.join("demo-clock");
    if let Ok(text) = std::fs::read_to_string(&file) {
        return text.trim().parse().map_err(|_| {
            Failure::invalid(format!("{}: this is not the clock of a demo", file.display()))
        });
    }
    let ahead = morning.micros() - SystemClock.now().micros();
    std::fs::create_dir_all(data)
        .and_then(|()| std::fs::write(&file, ahead.to_string()))
        .map_err(|error| Failure::file(&file, &error))?;
    Ok(ahead)
}

/// Makes the demo and serves it.
pub async fn run(args: &DemoArgs) -> Result<(), Failure> {
    let house_args = HouseArgs {
        data: args.data.clone(),
        database: args.database.clone(),
        zone: "Asia/Shanghai".to_owned(),
        org: None,
    };
    let morning = args
        .to
        .tomorrow()
        .ok()
        .and_then(|day| kernel::Zone::get(&house_args.zone)?.instant_of(day.at(8, 0, 0, 0)).ok())
        .ok_or_else(|| Failure::usage("--to is not a day that a demo can end on"))?;
    let clock = Arc::new(DemoClock { ahead_micros: ahead_micros(&args.data, morning)? });
    let house = House::open(&house_args, clock, Durability::ProcessKill).await?;
    let customers = usize::try_from(args.customers).unwrap_or(usize::MAX);
    let demo = Demo { seed: args.seed, customers, first: args.from, last: args.to };
    eprintln!(
        "Making the demo county in {}: {} customers, readings from {} to {}.",
        args.data.display(),
        args.customers,
        args.from,
        args.to
    );
    let progress = Progress::default();
    let org =
        demo.make(&house.works, &|step, done, total| progress.show(step, done, total)).await?;
    progress.end();
    if args.digest {
        let mut tx = house.works.db.read().await?;
        println!("{:?}", supply::digest::digest(&mut tx, org).await?);
    }
    eprintln!("The demo is ready. Sign in with the password {PASSWORD} as:");
    for (login, name, _) in SIGN_INS {
        eprintln!("  {login:<10} {name}");
    }
    if args.no_serve {
        return Ok(());
    }
    let setup = serve::Doors { show_codes: true, https: false, upload_mib: serve::UPLOAD_MIB };
    // The demo's readings end with its year: it has no nights of its own.
    let worker = crate::work::worker(&house.works);
    let worker = serve::with_channels(worker, &house.works, ChannelsConfig::default())?;
    serve::doors(house, &args.listen, setup, worker).await
}

/// A progress bar on a terminal, a line now and then elsewhere.
#[derive(Default)]
struct Progress(Mutex<Option<(String, ProgressBar)>>);

impl Progress {
    fn show(&self, step: &str, done: u64, total: u64) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.as_ref().is_none_or(|(current, _)| current != step) {
            if let Some((_, bar)) = shown.take() {
                bar.finish();
            }
            let style = ProgressStyle::with_template("{prefix:>10} {wide_bar} {pos}/{len} {eta}");
            let bar = ProgressBar::new(total).with_prefix(step.to_owned());
            *shown = Some((
                step.to_owned(),
                bar.with_style(style.unwrap_or(ProgressStyle::default_bar())),
            ));
        }
        if let Some((_, bar)) = shown.as_ref() {
            bar.set_length(total);
            bar.set_position(done);
        }
        if !stderr().is_terminal() && (done == total || done.is_multiple_of((total / 8).max(1))) {
            eprintln!("{step}: {done} of {total}");
        }
    }

    fn end(&self) {
        if let Some((_, bar)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish();
        }
    }
}
