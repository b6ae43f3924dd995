//! Backups that are made by themselves: a folder a day, the oldest removed, and now and then one is
//! restored beside itself and compared, so that a backup is known to be good before it is needed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::ToSpan;
use kernel::Date;
use store::{Fact, JobContext, JobError};
use supply::{Works, backup};

use super::jobs::{Reporter, failed};
use crate::house::migrations;

/// Where backups go and how many stay.
#[derive(Debug)]
pub struct BackupPlan {
    /// The folder above the folders of the days.
    pub folder: PathBuf,
    /// How many stay.
    pub keep: usize,
    /// After how many days one is proven again.
    pub prove_days: i32,
}

/// The file that says that a backup was restored and compared.
const PROVEN: &str = "proven.json";

/// Makes the backup of today, proves it when it is time, and removes the oldest.
pub(super) async fn make(
    works: &Works,
    plan: &BackupPlan,
    job: JobContext,
) -> Result<(), JobError> {
    let today = works.rules.zone.date_of(works.db.now());
    let (org, actor) = (job.job.org, job.job.actor());
    let report = Reporter::of(job);
    let say = |done: i64, total: i64, word: &str| report.say(done, total, word);
    let folder = plan.folder.join(today.to_string());
    fs::create_dir_all(&plan.folder).map_err(|error| unwritable(&plan.folder, &error))?;
    if backup::read_summary(&folder).is_err() {
        // The beginning of a backup that was stopped: it is begun anew.
        remove(&folder)?;
        backup::backup(&works.db, &works.lake, &folder, &say).await.map_err(failed)?;
    }
    let summary = backup::read_summary(&folder).map_err(failed)?;
    let proven = is_time_to_prove(plan, today)?;
    if proven {
        prove(works, &folder, &say).await?;
    }
    for old in days(&plan.folder)?.iter().rev().skip(plan.keep.max(1)) {
        remove(&plan.folder.join(old.to_string()))?;
    }
    let mut tx = works.db.begin().await?;
    let payload = serde_json::json!({
        "day": today, "rows": summary.rows, "files": summary.files, "bytes": summary.bytes,
        "proven": proven,
    });
    let (kind, request) = ("app.backup_made", "backup");
    tx.emit(Fact { org, kind, subject: org, payload, actor: &actor, request }).await?;
    tx.commit().await?;
    Ok(())
}

/// Restores the backup beside itself and compares everything.
async fn prove(
    works: &Works,
    folder: &Path,
    say: &(dyn Fn(i64, i64, &str) + Send + Sync),
) -> Result<(), JobError> {
    let scratch = folder.with_extension("proving");
    remove(&scratch)?;
    fs::create_dir_all(&scratch).map_err(|error| unwritable(&scratch, &error))?;
    let clock = works.db.clock();
    let found = backup::verify(folder, &scratch, &migrations(), clock.clone(), say).await;
    remove(&scratch)?;
    let found = found.map_err(failed)?;
    if let Some(first) = found.first() {
        let message = format!("{}: {} differences, such as {first}", folder.display(), found.len());
        return Err(JobError { message, retry: false });
    }
    let at = works.db.now().to_string();
    let text = serde_json::json!({ "restored_and_compared_at": at }).to_string();
    fs::write(folder.join(PROVEN), text).map_err(|error| unwritable(folder, &error))
}

/// Whether no backup of the last days was proven.
fn is_time_to_prove(plan: &BackupPlan, today: Date) -> Result<bool, JobError> {
    let since = today.saturating_sub(plan.prove_days.days());
    let proven = |day: &Date| plan.folder.join(day.to_string()).join(PROVEN).exists();
    Ok(!days(&plan.folder)?.iter().any(|day| *day > since && proven(day)))
}

/// The days that have a whole backup, the oldest first. Other folders are none of ours.
fn days(folder: &Path) -> Result<Vec<Date>, JobError> {
    let mut days = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unwritable(folder, &error))? {
        let entry = entry.map_err(|error| unwritable(folder, &error))?;
        let day = entry.file_name().to_str().and_then(|name| name.parse::<Date>().ok());
        days.extend(day.filter(|_| backup::read_summary(&entry.path()).is_ok()));
    }
    days.sort_unstable();
    Ok(days)
}

fn remove(folder: &Path) -> Result<(), JobError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(folder, &error)),
        _ => Ok(()),
    }
}

/// A disk that is full or away may come back.
fn unwritable(path: &Path, error: &io::Error) -> JobError {
    JobError { message: format!("{}: {error}", path.display()), retry: true }
}
