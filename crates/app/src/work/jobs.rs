//! The jobs by name, and the operations of `supply` that do them.

use std::{collections::BTreeMap, sync::Arc};

use access::Actor;
use kernel::{Date, DatePeriod, Fault, FaultKind, Id};
use serde::{Deserialize, Serialize};
use store::{Db, JobContext, JobError, Subscription, Worker};
use supply::{Works, alerts, billing, intake, readings, requests, settlement};
use tokio::sync::mpsc;

/// Settles every day up to one.
pub const SETTLE_DAYS: &str = "supply.settle_days";
/// Settles usage points again that late readings or decisions touch.
pub const SETTLE_AGAIN: &str = "supply.settle_again";
/// Makes the bills of a month.
pub const CLOSE_MONTH: &str = "supply.close_month";
/// Issues the ready bills of a month.
pub const ISSUE_BILLS: &str = "supply.issue_bills";

/// Delivers the opening and closing registers of meters that were hung or taken down as readings.
pub const DELIVER_EXCHANGES: &str = "supply.deliver_exchanges";

/// Which jobs follow which facts.
#[must_use]
pub fn subscriptions() -> Vec<Subscription> {
    ["supply.meter_installed", "supply.meter_removed"]
        .map(|fact| Subscription { fact, job: DELIVER_EXCHANGES })
        .into()
}

/// Looks a file through that somebody handed in.
pub const CHECK_FILE: &str = "supply.check_file";
/// Takes such a file in.
pub const IMPORT_FILE: &str = "supply.import_file";

/// Raises, follows and escalates alerts about readings.
pub const WATCH_READINGS: &str = "supply.watch_readings";
/// Seconds from one watch to the next.
const WATCH_S: i64 = 300;
/// Asks meters again, and ends requests that nobody answered.
pub const SWEEP_REQUESTS: &str = "supply.sweep_requests";
/// Seconds from one sweep to the next: a person waits for the plain word that there is no answer.
const SWEEP_S: i64 = 15;

/// What [`CHECK_FILE`] and [`IMPORT_FILE`] are asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct IntakeFile {
    /// The file.
    pub file: Id,
}

/// What [`SETTLE_DAYS`] is asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettleDays {
    /// The first day, when none is settled yet.
    pub first: Date,
    /// The last day.
    pub through: Date,
}

/// What [`SETTLE_AGAIN`] is asked: usage point to its first touched day.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettleAgain {
    /// The touched usage points.
    pub touched: BTreeMap<i64, Date>,
}

/// What [`CLOSE_MONTH`] and [`ISSUE_BILLS`] are asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct Month {
    /// First day.
    pub from: Date,
    /// First day after.
    pub to: Date,
}

/// Jobs of supply that run side by side.
pub const PARALLEL: usize = 4;

/// A worker with every job of supply.
#[must_use]
pub fn worker(works: &Works) -> Worker {
    let works = Arc::new(works.clone());
    let with = |works: &Arc<Works>| works.clone();
    let (a, b, c, d) = (with(&works), with(&works), with(&works), with(&works));
    let (e, f, g) = (with(&works), with(&works), with(&works));
    let (h, i) = (with(&works), with(&works));
    Worker::new(&works.db)
        .handle(SETTLE_DAYS, move |_: Db, job| settle_days(a.clone(), job))
        .handle(SETTLE_AGAIN, move |_: Db, job| settle_again(b.clone(), job))
        .handle(CLOSE_MONTH, move |_: Db, job| close_month(c.clone(), job))
        .handle(ISSUE_BILLS, move |_: Db, job| issue_bills(d.clone(), job))
        .handle(DELIVER_EXCHANGES, move |_: Db, job| deliver_exchanges(e.clone(), job))
        .handle(CHECK_FILE, move |_: Db, job| check_file(f.clone(), job))
        .handle(IMPORT_FILE, move |_: Db, job| import_file(g.clone(), job))
        .every(WATCH_READINGS, WATCH_S, move |_| watch_readings(h.clone()))
        .every(SWEEP_REQUESTS, SWEEP_S, move |_| sweep_requests(i.clone()))
}

async fn watch_readings(works: Arc<Works>) -> Result<(), JobError> {
    alerts::watch(&works).await.map_err(failed)
}

async fn sweep_requests(works: Arc<Works>) -> Result<(), JobError> {
    requests::sweep(&works).await.map_err(failed)
}

async fn settle_days(works: Arc<Works>, job: JobContext) -> Result<(), JobError> {
    let asked: SettleDays = job.job.payload()?;
    let (org, actor) = (job.job.org, Actor::program(&job.job.actor()));
    let report = Reporter::of(job);
    let days = (asked.first, asked.through);
    settlement::settle_through(&works, &actor, org, days, &|done, total, word| {
        report.say(done, total, word);
    })
    .await
    .map_err(failed)?;
    Ok(())
}

async fn settle_again(works: Arc<Works>, job: JobContext) -> Result<(), JobError> {
    let asked: SettleAgain = job.job.payload()?;
    let (org, actor) = (job.job.org, Actor::program(&job.job.actor()));
    settlement::settle_again(&works, &actor, org, "decision", asked.touched)
        .await
        .map_err(failed)?;
    Ok(())
}

async fn deliver_exchanges(works: Arc<Works>, job: JobContext) -> Result<(), JobError> {
    let actor = Actor::program(&job.job.actor());
    readings::deliver_exchanges(&works, &actor, job.job.org).await.map_err(failed)?;
    Ok(())
}

async fn close_month(works: Arc<Works>, job: JobContext) -> Result<(), JobError> {
    let asked: Month = job.job.payload()?;
    let (org, actor): (Id, _) = (job.job.org, Actor::program(&job.job.actor()));
    let period = DatePeriod::new(asked.from, asked.to)
        .map_err(|error| JobError { message: error.to_string(), retry: false })?;
    let report = Reporter::of(job);
    billing::close_month(&works, &actor, org, period, &|done, total, word| {
        report.say(done, total, word);
    })
    .await
    .map_err(failed)?;
    Ok(())
}

async fn issue_bills(works: Arc<Works>, job: JobContext) -> Result<(), JobError> {
    let asked: Month = job.job.payload()?;
    let (org, actor) = (job.job.org, Actor::program(&job.job.actor()));
    let today = works.rules.zone.date_of(works.db.now());
    billing::issue_month(&works, &actor, org, (asked.from, today)).await.map_err(failed)?;
    Ok(())
}

async fn check_file(works: Arc<Works>, job: JobContext) -> Result<(), JobError> {
    let asked: IntakeFile = job.job.payload()?;
    let (org, actor) = (job.job.org, Actor::program(&job.job.actor()));
    let report = Reporter::of(job);
    let say = |done: i64, total: i64, word: &str| report.say(done, total, word);
    intake::look_through(&works, &actor, org, asked.file, &say).await.map_err(failed)
}

async fn import_file(works: Arc<Works>, job: JobContext) -> Result<(), JobError> {
    let asked: IntakeFile = job.job.payload()?;
    let (org, actor) = (job.job.org, Actor::program(&job.job.actor()));
    let report = Reporter::of(job);
    let say = |done: i64, total: i64, word: &str| report.say(done, total, word);
    intake::import_file(&works, &actor, org, asked.file, &say).await.map_err(failed)
}

/// A failure of an operation as one of its job: what may pass by itself is tried again.
#[expect(clippy::needless_pass_by_value, reason = "used as map_err(failed)")]
pub(super) fn failed<F: Fault>(fault: F) -> JobError {
    JobError { retry: fault.kind() == FaultKind::Unavailable, message: fault.to_string() }
}

/// Carries progress from a computation that cannot wait to the job's row.
pub(super) struct Reporter(mpsc::UnboundedSender<(i64, i64, String)>);

impl Reporter {
    pub(super) fn of(job: JobContext) -> Self {
        let (say, mut heard) = mpsc::unbounded_channel::<(i64, i64, String)>();
        tokio::spawn(async move {
            while let Some((done, total, word)) = heard.recv().await {
                // A progress that is not written is not worth stopping for.
                let _ = job.progress(done, total, &word).await;
            }
        });
        Self(say)
    }

    pub(super) fn say(&self, done: i64, total: i64, word: &str) {
        // The receiver lives as long as this sender.
        let _ = self.0.send((done, total, word.to_owned()));
    }
}
