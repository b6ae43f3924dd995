//! The steps of an import in the caller's transactions: begin or resume, count a chunk, finish or
//! refuse. What a chunk wrote to the lake counts with the row that says how far the import is.

use std::collections::BTreeMap;

use access::{Ctx, Right};
use kernel::{Date, Id};
use lake::Manifest;
use serde_json::json;
use store::{Fact, OnConflict, Tx};

use crate::{
    count_file,
    readings::{
        ImportFile, ReadingError,
        model::RowProblem,
        rules::Index,
        store::{
            ImportErrorRow, ImportRow, LateRow, advance_import, end_import, forget_import_errors,
            import_of_file, is_settling, meter_places, named_points, restart_import,
        },
    },
    settlement::last_settled,
};

/// What is known about a file when its import is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is new, or was refused and comes again: from the start.
    Fresh(ImportRow),
    /// An import that was stopped: from where it was.
    Resumed(ImportRow),
    /// It is done.
    Known(ImportRow),
}

/// How far a chunk brings an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Values done before.
    pub from: i64,
    /// Values done after.
    pub to: i64,
    /// Values that count, of this chunk.
    pub good: i64,
    /// Values that do not, of this chunk.
    pub bad: i64,
    /// First and last day of this chunk.
    pub days: Option<(Date, Date)>,
}

/// Opens the import of a file, or finds the one of the same content.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn begin_import(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    file: &ImportFile,
    sha256: &str,
) -> Result<Begun, ReadingError> {
    ctx.require(Right::ReadingImport, org)?;
    tx.lock("reading_import", org).await?;
    if let Some(row) = import_of_file(tx, org, sha256).await? {
        return match row.state.as_str() {
            "done" => Ok(Begun::Known(row)),
            // What counts already, counts: it goes on under the policy it was begun under.
            "running" if row.row_count > 0 => Ok(Begun::Resumed(row)),
            _ => {
                let (form, policy) = (file.form.word(), file.bad_rows.word());
                forget_import_errors(tx, org, row.id).await?;
                restart_import(tx, org, row.id, &file.name, form, policy, ctx.actor_id(), tx.now())
                    .await?;
                let again = import_of_file(tx, org, sha256).await?.unwrap_or(row);
                Ok(Begun::Fresh(again))
            }
        };
    }
    let row = ImportRow {
        id: tx.next_id(),
        org,
        file_name: file.name.clone(),
        file_sha256: sha256.to_owned(),
        format: file.form.word().to_owned(),
        policy: file.bad_rows.word().to_owned(),
        state: "running".to_owned(),
        row_count: 0,
        good_count: 0,
        bad_count: 0,
        first_on: None,
        last_on: None,
        started_at: tx.now(),
        finished_at: None,
        started_by: ctx.actor_id(),
        refusal: None,
    };
    tx.insert("reading_import", &row).await?;
    Ok(Begun::Fresh(row))
}

/// Reads all names and places of an organisation.
///
/// # Errors
/// When the database does not answer.
pub async fn load_index(tx: &mut Tx, org: Id) -> Result<Index, ReadingError> {
    let mut index = Index::default();
    named_points(tx, org, |row| {
        index.add_point(row);
        Ok::<(), ReadingError>(())
    })
    .await?;
    meter_places(tx, org, |row| {
        index.add_place(row);
        Ok::<(), ReadingError>(())
    })
    .await?;
    Ok(index)
}

/// Makes files of readings count, notes which settled days they touch, and moves the import on.
/// The number of usage points that they touch in settled days.
///
/// # Errors
/// [`ReadingError::Busy`] when somebody else moved the import on meanwhile; nothing counts then,
/// provided that the caller gives the transaction up.
pub async fn commit_rows(
    tx: &mut Tx,
    (org, import): (Id, Id),
    progress: Progress,
    files: &[Manifest],
    touched: &BTreeMap<i64, Date>,
) -> Result<i64, ReadingError> {
    tx.lock("settlement", org).await?;
    let first = progress.days.map(|days| days.0);
    let last = progress.days.map(|days| days.1);
    let Progress { from, to, good, bad, .. } = progress;
    if advance_import(tx, org, import, from, to, good, bad, first, last).await? == 0 {
        return Err(ReadingError::Busy);
    }
    for file in files {
        count_file(tx, org, Some(import), file).await?;
    }
    note_late(tx, org, touched).await
}

/// Notes the usage points whose settled days have new readings. A day that a run is settling at
/// this moment counts as settled: the run may have looked before these readings were there.
pub async fn note_late(
    tx: &mut Tx,
    org: Id,
    touched: &BTreeMap<i64, Date>,
) -> Result<i64, ReadingError> {
    let Some(settled) = last_settled(tx, org).await? else { return Ok(0) };
    let through = if is_settling(tx, org).await? {
        settled.day.tomorrow().unwrap_or(settled.day)
    } else {
        settled.day
    };
    let batch = tx.next_id();
    let late: Vec<LateRow> = touched
        .iter()
        .filter(|(_, day)| **day <= through)
        .map(|(usage_point, day)| LateRow {
            org,
            batch,
            usage_point: Id::from_i64(*usage_point),
            first_on: *day,
        })
        .collect();
    tx.insert_all("reading_late", &late, OnConflict::Keep).await?;
    i64::try_from(late.len()).map_err(|_| ReadingError::TooMany("usage points"))
}

/// Puts bad rows into quarantine.
///
/// # Errors
/// When the database refuses.
pub async fn record_problems(
    tx: &mut Tx,
    (org, import): (Id, Id),
    problems: &[RowProblem],
) -> Result<(), ReadingError> {
    let rows: Vec<ImportErrorRow> = problems
        .iter()
        .map(|problem| ImportErrorRow {
            id: tx.next_id(),
            org,
            import,
            line: i64::try_from(problem.line).unwrap_or(i64::MAX),
            field: problem.field.to_owned(),
            code: problem.code.to_owned(),
            reason: problem.reason.clone(),
            content: problem.content.clone(),
        })
        .collect();
    tx.insert_all("reading_import_error", &rows, OnConflict::Keep).await?;
    Ok(())
}

/// Ends an import whose good rows all count. `more_bad` are the rows that the codec left out.
///
/// # Errors
/// When the database refuses.
pub async fn finish_import(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, import): (Id, Id),
    more_bad: i64,
) -> Result<(), ReadingError> {
    end_import(tx, org, import, "done", more_bad, tx.now(), None).await?;
    emit(ctx, tx, org, import, "supply.readings_imported").await
}

/// Refuses an import: nothing of the file counts, the reasons stay to be read.
///
/// # Errors
/// When the database refuses.
pub async fn refuse_import(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, import): (Id, Id),
    bad: i64,
    refusal: &str,
) -> Result<(), ReadingError> {
    end_import(tx, org, import, "refused", bad, tx.now(), Some(refusal)).await?;
    emit(ctx, tx, org, import, "supply.readings_refused").await
}

async fn emit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    import: Id,
    kind: &'static str,
) -> Result<(), ReadingError> {
    let payload = json!({ "import": import });
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org, kind, subject: import, payload, actor, request }).await?;
    Ok(())
}
