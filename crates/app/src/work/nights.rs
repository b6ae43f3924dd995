//! The nights: what an installation does by itself every day (settle, tidy the lake, back up).
//! A reconciler looks at the clock and asks for jobs; each is asked for once a day among all
//! processes. Someone who was down at that time catches up when they are back. An organisation
//! whose first day was never settled is left alone: a person starts it.

use std::{path::PathBuf, sync::Arc};

use access::Actor;
use jiff::{ToSpan, civil::Time};
use kernel::{Id, Instant, Zone};
use serde::Deserialize;
use store::{Db, JobContext, JobError, NewJob, Tx, Worker};
use supply::{Works, settlement, upkeep};

use super::{
    backups::{self, BackupPlan},
    jobs::{SETTLE_DAYS, SettleDays, failed},
};

/// Tidies the lake of an organisation.
pub const TIDY_LAKE: &str = "supply.tidy_lake";
/// Makes a backup of the installation, and proves one now and then.
pub const MAKE_BACKUP: &str = "app.make_backup";

const NIGHTS: &str = include_str!("../../../../rules/nights.toml");
/// How often the clock is looked at, seconds.
const LOOK_S: i64 = 60;

/// When what happens, from `rules/nights.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nights {
    /// Where the times come from.
    pub source: String,
    /// When the days up to yesterday are settled.
    pub settle_at: Time,
    /// When the lake is tidied.
    pub tidy_at: Time,
    /// After how many days jobs that ended are forgotten, when the lake is tidied.
    pub keep_ended_days: i32,
    /// When a backup is made.
    pub backup_at: Time,
    /// How many backups are kept.
    pub backup_keep: usize,
    /// After how many days a backup is proven again.
    pub backup_prove_days: i32,
}

impl Nights {
    /// The times that come with the program.
    ///
    /// # Errors
    /// Only when the document in the program is wrong, which a test excludes.
    pub fn bundled() -> Result<Self, toml::de::Error> {
        toml::from_str(NIGHTS)
    }
}

/// Gives a worker the nights. `backup_to` is the folder under which each backup gets a folder of
/// its day.
#[must_use]
pub fn with_nights(
    worker: Worker,
    works: &Works,
    nights: Nights,
    backup_to: Option<PathBuf>,
) -> Worker {
    let works = Arc::new(works.clone());
    let plan = backup_to.map(|folder| {
        Arc::new(BackupPlan {
            folder,
            keep: nights.backup_keep,
            prove_days: nights.backup_prove_days,
        })
    });
    let backs_up = plan.is_some();
    let (a, b, c) = (works.clone(), works.clone(), works);
    worker
        .every("app.nights", LOOK_S, move |_: Db| look(a.clone(), nights.clone(), backs_up))
        .handle(TIDY_LAKE, move |_: Db, job| tidy_lake(b.clone(), job))
        .handle(MAKE_BACKUP, move |_: Db, job| {
            let (works, plan) = (c.clone(), plan.clone());
            async move {
                let Some(plan) = plan else { return Ok(()) };
                backups::make(&works, &plan, job).await
            }
        })
}

async fn look(works: Arc<Works>, nights: Nights, backs_up: bool) -> Result<(), JobError> {
    let zone = &works.rules.zone;
    let mut tx = works.db.begin().await?;
    for org in settlement::settling_organisations(&mut tx).await? {
        if is_due(&mut tx, zone, &format!("settle:{org}"), nights.settle_at).await? {
            ask_to_settle(&mut tx, zone, org).await?;
        }
        if is_due(&mut tx, zone, &format!("tidy:{org}"), nights.tidy_at).await? {
            ask(&mut tx, org, TIDY_LAKE, &serde_json::Value::Null).await?;
        }
    }
    if is_due(&mut tx, zone, "forget", nights.tidy_at).await? {
        let before = tx.now().plus_seconds(-86_400 * i64::from(nights.keep_ended_days));
        store::forget_ended(&mut tx, before).await?;
    }
    if backs_up && is_due(&mut tx, zone, "backup", nights.backup_at).await? {
        ask(&mut tx, Id::from_i64(0), MAKE_BACKUP, &serde_json::Value::Null).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether the day's time has come and nobody has seen it yet. The first look only sets the clock.
async fn is_due(tx: &mut Tx, zone: &Zone, name: &str, at: Time) -> Result<bool, JobError> {
    let next = next_time(zone, tx.now(), at)?;
    Ok(tx.claim_timer(&format!("night.{name}"), next).await?)
}

/// The next instant after `now` at which the clocks of the zone show this time.
fn next_time(zone: &Zone, now: Instant, at: Time) -> Result<Instant, JobError> {
    let today = zone.date_of(now);
    for day in [today, today.saturating_add(1.day())] {
        let instant = zone
            .instant_of(day.to_datetime(at))
            .map_err(|error| JobError { message: error.to_string(), retry: false })?;
        if instant > now {
            return Ok(instant);
        }
    }
    Ok(now.plus_seconds(86_400))
}

async fn ask_to_settle(tx: &mut Tx, zone: &Zone, org: Id) -> Result<(), JobError> {
    let through = zone.date_of(tx.now()).saturating_sub(1.day());
    let Some(last) = settlement::last_settled(tx, org).await.map_err(failed)? else {
        return Ok(());
    };
    if last.day >= through {
        return Ok(());
    }
    let asked = SettleDays { first: last.day.saturating_add(1.day()), through };
    let payload = serde_json::to_value(asked)
        .map_err(|error| JobError { message: error.to_string(), retry: false })?;
    ask(tx, org, SETTLE_DAYS, &payload).await
}

/// Asks for a job of an organisation, once while one is waiting.
async fn ask(
    tx: &mut Tx,
    org: Id,
    name: &str,
    payload: &serde_json::Value,
) -> Result<(), JobError> {
    let dedup = org.to_string();
    tx.enqueue(NewJob { org, name, payload, dedup: Some(&dedup), run_at: None }).await?;
    Ok(())
}

async fn tidy_lake(works: Arc<Works>, job: JobContext) -> Result<(), JobError> {
    let today = works.rules.zone.date_of(works.db.now());
    let (org, actor) = (job.job.org, Actor::program(&job.job.actor()));
    let done = upkeep::tidy_lake(&works, &actor, org, today).await.map_err(failed)?;
    let word = format!(
        "{} days, {} months laid together, {} files removed",
        done.days_compacted, done.months_packed, done.files_removed
    );
    // A progress that is not written is not worth failing for.
    let _ = job.progress(1, 1, &word).await;
    Ok(())
}

#[cfg(test)]
mod tests;
