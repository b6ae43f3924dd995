//! The upkeep of one organisation's lake, step by step. Each step counts on its own.

use std::collections::BTreeMap;

use access::{Actor, Right};
use jiff::ToSpan;
use kernel::{Date, DatePeriod, Id, Instant};
use lake::{
    Dataset, Lake, Manifest,
    settle::{DayFiles, compact_state},
};
use serde_json::json;
use store::{
    Fact, LakeFile, StoreError, Tx, forget_lake_file, is_lake_path_known, lake_files_between,
    lake_files_on, superseded_lake_files,
};

use super::{
    Tidied, UpkeepError,
    store::{is_settling, layered_days, months_in_pieces},
};
use crate::{Works, blocking, count_file};

const DAY_S: i64 = 86_400;
/// A run that says it is under way for longer than this was killed.
const RUN_S: i64 = DAY_S;
/// How much one call does of each kind, so that it ends; the next night goes on.
const AT_ONCE: i64 = 1_000;

/// Lays together what can be laid together on `today` and removes what nobody needs any more.
///
/// # Errors
/// What stopped it; what it did before counts, and asked again it goes on.
pub async fn tidy_lake(
    works: &Works,
    actor: &Actor,
    org: Id,
    today: Date,
) -> Result<Tidied, UpkeepError> {
    let ctx = works.ctx(actor, "tidy the lake");
    ctx.require(Right::SettlementRun, org)?;
    let mut done = Tidied::default();
    compact_days(works, org, today, &mut done).await?;
    pack_months(works, org, today, &mut done).await?;
    remove_replaced(works, org, &mut done).await?;
    remove_unnamed(works, org, &mut done).await?;
    if done != Tidied::default() {
        let mut tx = works.db.begin().await?;
        let (actor, request) = (ctx.actor_name(), ctx.request);
        let (kind, payload) = ("supply.lake_tidied", json!(done));
        tx.emit(Fact { org, kind, subject: org, payload, actor, request }).await?;
        tx.commit().await?;
    }
    Ok(done)
}

async fn compact_days(
    works: &Works,
    org: Id,
    today: Date,
    done: &mut Tidied,
) -> Result<(), UpkeepError> {
    let rules = &works.rules.upkeep;
    let before = today.saturating_sub(rules.state_rest_days.days());
    let mut tx = works.db.read().await?;
    let days = layered_days(&mut tx, org, before, rules.state_layers.max(2), AT_ONCE).await?;
    drop(tx);
    for (day,) in days {
        let mut tx = works.db.read().await?;
        let layers = lake_files_on(&mut tx, org, "state", day).await?;
        drop(tx);
        // Right above the layers it replaces, so that a correction which is being computed
        // meanwhile, with a version drawn later, still lies over it.
        let Some(version) = layers.last().map(|top| top.version + 1) else { continue };
        let files = DayFiles { state: layers.iter().map(path).collect(), ..DayFiles::default() };
        let catalogue = BTreeMap::from([(day, files)]);
        let write = move |lake: &Lake| compact_state(lake, org.get(), day, version, &catalogue);
        done.days_compacted += i64::from(replace(works, org, layers, write).await?.is_some());
    }
    Ok(())
}

async fn pack_months(
    works: &Works,
    org: Id,
    today: Date,
    done: &mut Tidied,
) -> Result<(), UpkeepError> {
    let rules = &works.rules.upkeep;
    let before = today.saturating_sub(rules.pack_rest_days.days()).first_of_month();
    let mut tx = works.db.read().await?;
    let months = months_in_pieces(&mut tx, org, before, rules.pack_up_to_rows, AT_ONCE).await?;
    drop(tx);
    for (day,) in months {
        let Ok(month) = DatePeriod::month_of(day) else { continue };
        let (first, end) = (month.from(), day.last_of_month().saturating_add(1.days()));
        let mut tx = works.db.read().await?;
        let pieces = lake_files_between(&mut tx, org, "intervals", first, end).await?;
        drop(tx);
        let version = works.db.next_id().get();
        let keys: Vec<String> = pieces.iter().map(path).collect();
        let before: i64 = pieces.iter().map(|file| file.byte_count).sum();
        let write = move |lake: &Lake| lake.pack_intervals(org.get(), first, version, &keys);
        if let Some(packed) = replace(works, org, pieces, write).await? {
            done.months_packed += 1;
            done.packed_rows += i64::try_from(packed.rows).unwrap_or(i64::MAX);
            done.packed_bytes += i64::try_from(packed.bytes).unwrap_or(i64::MAX);
            done.packed_bytes_before += before;
        }
    }
    Ok(())
}

/// Writes a file and lets it count in the place of others; `None` when a settlement is under way
/// or somebody replaced one of them meanwhile: then nothing counts, and the next night tries again.
async fn replace(
    works: &Works,
    org: Id,
    old: Vec<LakeFile>,
    write: impl FnOnce(&Lake) -> Result<Manifest, lake::LakeError> + Send + 'static,
) -> Result<Option<Manifest>, UpkeepError> {
    let mut tx = works.db.read().await?;
    if settling(&mut tx, org).await? {
        return Ok(None);
    }
    drop(tx);
    let lake = works.lake.clone();
    let new = blocking(move || write(&lake)).await?;
    let mut tx = works.db.begin().await?;
    tx.lock("settlement", org).await?;
    if settling(&mut tx, org).await? {
        return Ok(None);
    }
    for file in &old {
        match tx.supersede_lake_file(file).await {
            Err(StoreError::Conflict(_)) => return Ok(None),
            other => other?,
        }
    }
    match count_file(&mut tx, org, None, &new).await {
        Err(StoreError::Unique { .. }) => return Ok(None),
        other => other?,
    }
    tx.commit().await?;
    Ok(Some(new))
}

async fn settling(tx: &mut Tx, org: Id) -> Result<bool, StoreError> {
    let since = tx.now().plus_seconds(-RUN_S);
    is_settling(tx, org, since).await
}

async fn remove_replaced(works: &Works, org: Id, done: &mut Tidied) -> Result<(), UpkeepError> {
    let before = ago(works, works.rules.upkeep.keep_replaced_days);
    let mut tx = works.db.read().await?;
    let files = superseded_lake_files(&mut tx, org, before, AT_ONCE).await?;
    drop(tx);
    for file in files {
        // The file first: a row without its file is harmless here, a file without its row is not.
        let (lake, key) = (works.lake.clone(), file.path.clone());
        blocking(move || lake.store().remove(&key)).await?;
        let mut tx = works.db.begin().await?;
        forget_lake_file(&mut tx, file.id).await?;
        tx.commit().await?;
        done.files_removed += 1;
    }
    Ok(())
}

/// Removes files of runs that were killed before their rows were committed.
async fn remove_unnamed(works: &Works, org: Id, done: &mut Tidied) -> Result<(), UpkeepError> {
    let before = ago(works, works.rules.upkeep.keep_unnamed_days);
    for dataset in [Dataset::Readings, Dataset::Intervals, Dataset::Terms, Dataset::State] {
        let (lake, prefix) = (works.lake.clone(), format!("{}/{org}/", dataset.name()));
        for key in blocking(move || lake.store().list(&prefix)).await? {
            if made_at(&key).is_none_or(|at| at >= before) {
                continue;
            }
            let mut tx = works.db.read().await?;
            let known = is_lake_path_known(&mut tx, &key).await?;
            drop(tx);
            if !known {
                let lake = works.lake.clone();
                blocking(move || lake.store().remove(&key)).await?;
                done.files_removed += 1;
            }
        }
    }
    Ok(())
}

/// When a file was begun: its version is the id that its run drew.
fn made_at(key: &str) -> Option<Instant> {
    let version = key.rsplit('/').next()?.strip_suffix(".parquet")?;
    Some(Id::from_i64(version.parse().ok()?).made_at())
}

fn ago(works: &Works, days: i32) -> Instant {
    works.db.now().plus_seconds(-DAY_S * i64::from(days))
}

fn path(file: &LakeFile) -> String {
    file.path.clone()
}
