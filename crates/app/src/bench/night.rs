//! One night measured in an installation of its own: two days prepare the state, the third counts.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant as Stopwatch},
};

use access::AccessError;
use jiff::ToSpan;
use kernel::{Date, Fault, FaultKind, ManualClock, Zone};
use registry::RegistryError;
use serde::{Deserialize, Serialize};
use store::{Durability, StoreError};
use supply::{
    agreements::AgreementError,
    meters::MeterError,
    readings::{self, BadRows, Form, ImportFile, ReadingError},
    settlement::{self, SettlementError},
    tariffs::TariffBookError,
};

use super::{Load, bureau, delivery};
use crate::house::{House, HouseArgs, HouseError};

/// The day on which the meters are hung; the night measured is that of the third day after it.
const SINCE: Date = Date::constant(2026, 6, 1);
const ZONE: &str = "Asia/Shanghai";

/// What night to measure.
#[derive(Debug, Clone)]
pub struct Night {
    /// Usage points.
    pub customers: usize,
    /// What is read from each.
    pub load: Load,
    /// An empty folder for the installation.
    pub data: PathBuf,
}

/// What a night took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NightReport {
    /// Usage points.
    pub customers: usize,
    /// What was read from each.
    pub load: String,
    /// Bytes of the file that was imported.
    pub file_bytes: u64,
    /// Seconds until every reading was checked, in the lake, and committed.
    pub import_s: f64,
    /// Seconds until the day was validated, rated, and committed with its worklists.
    pub settle_s: f64,
    /// Processor seconds of both.
    pub cpu_s: f64,
    /// The most memory that the process used, MiB. Making the bureau is not part of it.
    pub peak_mib: u64,
    /// Usage points with an accepted reading.
    pub read: i64,
    /// Findings for people.
    pub findings: i64,
    /// The day's charges, 1e-4 yuan: equal for equal inputs.
    pub charge_units: i64,
}

/// A night that could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum NightError {
    /// The bureau was not accepted: a mistake in the generator.
    #[error("the bureau was not accepted: {0}")]
    Bureau(String),
    /// A file.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The installation.
    #[error(transparent)]
    House(#[from] HouseError),
    /// Users and organisations.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Customers.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Meters.
    #[error(transparent)]
    Meter(#[from] MeterError),
    /// Agreements.
    #[error(transparent)]
    Agreement(#[from] AgreementError),
    /// Tariffs.
    #[error(transparent)]
    Tariff(#[from] TariffBookError),
    /// Readings.
    #[error(transparent)]
    Reading(#[from] ReadingError),
    /// Settlement.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NightError {
    /// The error below, where this one only passes it on.
    fn inner(&self) -> Option<&dyn Fault> {
        Some(match self {
            Self::Bureau(_) | Self::File { .. } => return None,
            Self::House(error) => error,
            Self::Access(error) => error,
            Self::Registry(error) => error,
            Self::Meter(error) => error,
            Self::Agreement(error) => error,
            Self::Tariff(error) => error,
            Self::Reading(error) => error,
            Self::Settlement(error) => error,
            Self::Store(error) => error,
        })
    }
}

impl Fault for NightError {
    fn kind(&self) -> FaultKind {
        match self.inner() {
            Some(inner) => inner.kind(),
            None if matches!(self, Self::Bureau(_)) => FaultKind::Bug,
            None => FaultKind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self.inner() {
            Some(inner) => inner.code(),
            None if matches!(self, Self::Bureau(_)) => "bench.bureau",
            None => "bench.file",
        }
    }
}

/// Makes the installation of a night, if it is not there yet, up to the evening before.
///
/// # Errors
/// [`NightError`].
pub async fn prepare(night: &Night) -> Result<(), NightError> {
    let house = open(night).await?;
    let ctx = house.works.ctx(&house.actor, "bench");
    let org = bureau::make(&house.works, &ctx, (night.customers, night.load), SINCE).await?;
    readings::deliver_exchanges(&house.works, &house.actor, org).await?;
    for days in 0..2 {
        let day = after(days);
        let file = write(night, day)?;
        deliver(&house, org, (file, night.load)).await?;
        settlement::settle_through(&house.works, &house.actor, org, (SINCE, day), &|_, _, _| {})
            .await?;
    }
    write(night, after(2))?;
    Ok(())
}

/// Measures the night in an installation that [`prepare`] made.
///
/// # Errors
/// [`NightError`].
pub async fn measure(night: &Night) -> Result<NightReport, NightError> {
    let house = open(night).await?;
    let org = house.org(&house_args(night)).await?;
    let day = after(2);
    let file = path(night, day);
    let file_bytes = std::fs::metadata(&file).map_or(0, |file| file.len());
    let cpu_before = cpu_s();
    let ((), import) = timed(deliver(&house, org, (file, night.load))).await?;
    let settle =
        settlement::settle_through(&house.works, &house.actor, org, (SINCE, day), &|_, _, _| {});
    let (_, settle) = timed(async { Ok::<_, NightError>(settle.await?) }).await?;
    let (cpu_s, peak_mib) = (cpu_s() - cpu_before, peak_mib());
    let mut tx = house.works.db.read().await?;
    let settled = settlement::settled_day(&mut tx, org, day).await?;
    let settled = settled.ok_or_else(|| NightError::Bureau(format!("{day} is not settled")))?;
    Ok(NightReport {
        customers: night.customers,
        load: night.load.word().to_owned(),
        file_bytes,
        import_s: import.as_secs_f64(),
        settle_s: settle.as_secs_f64(),
        cpu_s,
        peak_mib,
        read: settled.read_count,
        findings: settled.exception_count,
        charge_units: settled.charge_units,
    })
}

async fn timed<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<(T, Duration), E> {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
    let start = Stopwatch::now();
    let done = work.await?;
    Ok((done, start.elapsed()))
}

fn house_args(night: &Night) -> HouseArgs {
    HouseArgs { data: night.data.clone(), database: None, zone: ZONE.to_owned(), org: None }
}

/// Durable as in real work: every commit survives a power cut.
async fn open(night: &Night) -> Result<House, NightError> {
    let morning = after(3).at(6, 0, 0, 0);
    let now = Zone::get(ZONE).and_then(|zone| zone.instant_of(morning).ok());
    let now = now.ok_or_else(|| NightError::Bureau(format!("there is no zone {ZONE}")))?;
    let clock = Arc::new(ManualClock::new(now));
    Ok(House::open(&house_args(night), clock, Durability::PowerCut).await?)
}

fn after(days: i32) -> Date {
    SINCE.checked_add(days.days()).unwrap_or(SINCE)
}

fn path(night: &Night, day: Date) -> PathBuf {
    night.data.join(format!("{day}-{}.csv", night.load.word()))
}

fn write(night: &Night, day: Date) -> Result<PathBuf, NightError> {
    let path = path(night, day);
    delivery::write(&path, (night.customers, night.load), (SINCE, day))
        .map_err(|error| NightError::File { path: path.clone(), error })?;
    Ok(path)
}

async fn deliver(
    house: &House,
    org: kernel::Id,
    (file, load): (PathBuf, Load),
) -> Result<(), NightError> {
    let form = match load {
        Load::Registers => Form::Registers,
        Load::Curves => Form::Curves,
    };
    let file = ImportFile { bad_rows: BadRows::KeepGood, ..ImportFile::new(file, form) };
    readings::import_file(&house.works, &house.actor, org, file, &|_, _, _| {}).await?;
    Ok(())
}

/// Processor seconds of this process so far, counted in hundredths by Linux; 0 elsewhere.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|t| t.parse::<u32>().ok()).map(f64::from).sum::<f64>() / 100.0
}

/// The process's largest resident memory so far, in MiB; 0 where the system does not say.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
