//! The long work on files: looking one through, taking one in. Both are asked again when they were
//! stopped, and begin anew from the file: what is known already changes nothing.

use std::{collections::BTreeSet, fs::File, path::Path};

use access::Actor;
use kernel::Id;
use registry::import::{CustomerFile, ImportReport, OnFault, import_customers};
use store::{OnConflict, StoreError, Tx};

use super::{
    IntakeError, Kind, ListReport, Mode,
    rules::{NAMED, Points, agreement_of, cells_of, meter_of, rows_wrong},
    store::{FaultRow, FileRow, count_file, file_by_id, forget_faults, move_file},
};
use crate::{
    Works, agreements, blocking, meters,
    readings::{self, BadRows, Form, ImportFile},
    settlement::Report,
    sheet::CellFault,
};

/// Looks a file through and says what would come of it; nothing changes. A file that cannot be
/// read as what it is said to be is refused, with the reason.
///
/// # Errors
/// The lake or the database does not answer.
pub async fn look_through(
    works: &Works,
    actor: &Actor,
    org: Id,
    id: Id,
    report: Report<'_>,
) -> Result<(), IntakeError> {
    work(works, actor, (org, id), "checking", report).await
}

/// Takes a file in that somebody approved.
///
/// # Errors
/// The lake or the database does not answer.
pub async fn import_file(
    works: &Works,
    actor: &Actor,
    org: Id,
    id: Id,
    report: Report<'_>,
) -> Result<(), IntakeError> {
    work(works, actor, (org, id), "importing", report).await
}

/// What came of a file, whatever its kind.
#[derive(Default)]
struct Outcome {
    report: ListReport,
    import: Option<Id>,
    refusal: Option<String>,
}

async fn work(
    works: &Works,
    actor: &Actor,
    (org, id): (Id, Id),
    state: &'static str,
    report: Report<'_>,
) -> Result<(), IntakeError> {
    let mut tx = works.db.read().await?;
    let row = file_by_id(&mut tx, org, id).await?.ok_or(IntakeError::NotFound)?;
    drop(tx);
    if row.state != state {
        return Ok(());
    }
    let lake = works.lake.clone();
    let key = row.key();
    let path = blocking(move || lake.store().fetch(&key)).await?;
    let bad_rows = row.bad_rows();
    let mode = if state == "checking" { Mode::Check } else { Mode::Load(bad_rows) };
    let done = match kind_of(&row)? {
        Kind::Readings => of_readings(works, actor, org, (&row, &path), mode, report).await,
        kind => of_list(works, actor, org, (kind, &path), mode).await,
    };
    let outcome = match done {
        Ok(outcome) => outcome,
        // What the person can put right is told as the file's refusal; the rest is the job's.
        Err(error) if is_of_the_file(&error) => {
            Outcome { refusal: Some(error.to_string()), ..Outcome::default() }
        }
        Err(error) => return Err(error),
    };
    finish(works, &row, &path, mode, outcome).await
}

fn kind_of(row: &FileRow) -> Result<Kind, IntakeError> {
    Kind::from_word(&row.kind).ok_or(IntakeError::NotFound)
}

fn is_of_the_file(error: &IntakeError) -> bool {
    use kernel::{Fault as _, FaultKind};
    matches!(error.kind(), FaultKind::Invalid | FaultKind::Limit | FaultKind::Conflict)
}

/// Lists are read and checked without a pause: in a thread that may be held up.
async fn of_list(
    works: &Works,
    actor: &Actor,
    org: Id,
    (kind, path): (Kind, &Path),
    mode: Mode,
) -> Result<Outcome, IntakeError> {
    let (works, actor, path) = (works.clone(), actor.clone(), path.to_owned());
    let runtime = tokio::runtime::Handle::current();
    let report =
        blocking(move || runtime.block_on(load_list(&works, &actor, org, (kind, &path), mode)))
            .await?;
    Ok(Outcome { report, ..Outcome::default() })
}

async fn of_readings(
    works: &Works,
    actor: &Actor,
    org: Id,
    (row, path): (&FileRow, &Path),
    mode: Mode,
    report: Report<'_>,
) -> Result<Outcome, IntakeError> {
    let form = if row.format.is_empty() {
        Form::of_file(path, &row.file_name)?
    } else {
        Form::named(&row.format).ok_or_else(|| IntakeError::Layout(row.format.clone()))?
    };
    let mut file = ImportFile { name: row.file_name.clone(), ..ImportFile::new(path.into(), form) };
    file.bad_rows = row.bad_rows();
    let count = |n: i64| n.unsigned_abs();
    let mut outcome = Outcome::default();
    if mode == Mode::Check {
        let seen = readings::check_file(works, org, file, report).await?;
        outcome.report.rows = count(seen.good + seen.bad);
        outcome.report.bad = count(seen.bad);
        let (new, known) = if seen.known { (0, seen.good) } else { (seen.good, 0) };
        (outcome.report.added, outcome.report.present) = (count(new), count(known));
        outcome.report.faults = seen.problems.into_iter().take(NAMED).map(cell_of).collect();
        return Ok(outcome);
    }
    let done = readings::import_file(works, actor, org, file, report).await?;
    outcome.report.rows = count(done.good + done.bad);
    outcome.report.bad = count(done.bad);
    let (new, known) = if done.known { (0, done.good) } else { (done.good, 0) };
    (outcome.report.added, outcome.report.present) = (count(new), count(known));
    outcome.import = Some(done.import);
    outcome.refusal = done.refusal;
    Ok(outcome)
}

fn cell_of(problem: readings::RowProblem) -> CellFault {
    let readings::RowProblem { line, field, reason, .. } = problem;
    CellFault { line, field: field.to_owned(), reason }
}

/// Writes down what came of a file. What is over takes its bytes with it.
async fn finish(
    works: &Works,
    row: &FileRow,
    path: &Path,
    mode: Mode,
    outcome: Outcome,
) -> Result<(), IntakeError> {
    let Outcome { report, import, refusal } = outcome;
    let refused = refusal.is_some()
        || report.refused
        || (mode == Mode::Check && report.bad > 0 && row.bad_rows() == BadRows::RefuseWhole);
    let to = match mode {
        _ if refused => "refused",
        Mode::Check => "checked",
        Mode::Load(_) => "done",
    };
    let faults = fault_rows(works, row, path, &report.faults).await?;
    let ended = (to != "checked").then(|| works.db.now());
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut tx = works.db.begin().await?;
    forget_faults(&mut tx, row.org, row.id).await?;
    tx.insert_all("intake_fault", &faults, OnConflict::Fail).await?;
    let (rows, new, known) = (count(report.rows), count(report.added), count(report.present));
    let (bad, why) = (count(report.bad), refusal.as_deref());
    count_file(&mut tx, row.org, row.id, rows, new, known, bad, import, why).await?;
    move_file(&mut tx, row.org, row.id, &row.state, to, ended).await?;
    tx.commit().await?;
    if ended.is_some() {
        forget_bytes(works, row).await?;
    }
    Ok(())
}

/// Takes the bytes of a file away that nobody needs any more.
///
/// # Errors
/// The lake's store.
pub async fn forget_bytes(works: &Works, row: &FileRow) -> Result<(), IntakeError> {
    let (lake, key) = (works.lake.clone(), row.key());
    Ok(blocking(move || lake.store().remove(&key)).await?)
}

async fn fault_rows(
    works: &Works,
    row: &FileRow,
    path: &Path,
    faults: &[CellFault],
) -> Result<Vec<FaultRow>, IntakeError> {
    let wanted: BTreeSet<u64> = faults.iter().map(|fault| fault.line).collect();
    let (path, name) = (path.to_owned(), row.file_name.clone());
    let lines = blocking(move || readings::lines_of(&path, &name, &wanted)).await?;
    let rows = faults.iter().map(|fault| FaultRow {
        id: works.db.next_id(),
        org: row.org,
        file: row.id,
        line: i64::try_from(fault.line).unwrap_or(i64::MAX),
        field: fault.field.clone(),
        reason: fault.reason.clone(),
        content: lines.get(&fault.line).cloned().unwrap_or_default(),
    });
    Ok(rows.collect())
}

/// Looks a list of customers, meters or agreements through, or takes it in.
///
/// # Errors
/// It cannot be read as such a list; the right is missing; the database refused.
pub async fn load_list(
    works: &Works,
    actor: &Actor,
    org: Id,
    (kind, path): (Kind, &Path),
    mode: Mode,
) -> Result<ListReport, IntakeError> {
    let file = File::open(path)
        .map_err(|error| IntakeError::File { file: path.display().to_string(), error })?;
    match kind {
        Kind::Customers => customers(works, actor, org, file, mode).await,
        Kind::Meters => {
            let report = meters_of(works, actor, org, file, mode).await?;
            if mode != Mode::Check && !report.refused {
                readings::deliver_exchanges(works, actor, org).await?;
            }
            Ok(report)
        }
        Kind::Agreements => agreements_of(works, actor, org, file, mode).await,
        Kind::Readings => Err(IntakeError::Layout(kind.word().to_owned())),
    }
}

async fn customers(
    works: &Works,
    actor: &Actor,
    org: Id,
    file: File,
    mode: Mode,
) -> Result<ListReport, IntakeError> {
    let ctx = works.ctx(actor, "import");
    let on_fault = match mode {
        Mode::Check => OnFault::OnlyCheck,
        Mode::Load(BadRows::KeepGood) => OnFault::KeepGood,
        Mode::Load(BadRows::RefuseWhole) => OnFault::RefuseWhole,
    };
    let file = CustomerFile::open(file)?;
    let done = import_customers(&ctx, &works.db, org, file, on_fault, untold).await?;
    Ok(ListReport {
        rows: done.lines,
        added: done.added,
        present: done.present,
        bad: done.refused,
        faults: done.faults.iter().flat_map(cells_of).take(NAMED).collect(),
        refused: done.refused > 0 && on_fault == OnFault::RefuseWhole,
    })
}

/// Lists are read in one go: nobody hears how far it is.
const fn untold(_: &ImportReport) {}

/// Usage points and their accounts by code.
async fn points(works: &Works, org: Id) -> Result<Points, IntakeError> {
    let mut points = Points::new();
    let mut tx = works.db.read().await?;
    registry::premises::usage_point_codes(&mut tx, org, |(code, id, account)| {
        points.insert(code, (id, account));
        Ok::<(), StoreError>(())
    })
    .await?;
    Ok(points)
}

async fn meters_of(
    works: &Works,
    actor: &Actor,
    org: Id,
    file: File,
    mode: Mode,
) -> Result<ListReport, IntakeError> {
    let points = points(works, org).await?;
    let (rows, mut faults) = meters::read_meters(file)?;
    let (lines, loads) = made(rows, &mut faults, |line, row| meter_of(&points, line, row));
    let ctx = works.ctx(actor, "import");
    let mut tx = works.db.begin().await?;
    let loaded = meters::load_each(&ctx, &mut tx, org, &loads).await?;
    conclude(tx, &lines, loaded, faults, mode).await
}

async fn agreements_of(
    works: &Works,
    actor: &Actor,
    org: Id,
    file: File,
    mode: Mode,
) -> Result<ListReport, IntakeError> {
    let points = points(works, org).await?;
    let (rows, mut faults) = agreements::read_agreements(file)?;
    let (lines, news) = made(rows, &mut faults, |line, row| agreement_of(&points, line, row));
    let ctx = works.ctx(actor, "import");
    let mut tx = works.db.begin().await?;
    let loaded = agreements::load_each(&ctx, &mut tx, org, &news).await?;
    conclude(tx, &lines, loaded, faults, mode).await
}

/// What rows say, with their lines; what is wrong in the others joins the faults.
fn made<R, M>(
    rows: Vec<(u64, R)>,
    faults: &mut Vec<CellFault>,
    one: impl Fn(u64, R) -> Result<M, CellFault>,
) -> (Vec<u64>, Vec<M>) {
    let (mut lines, mut all) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (line, row) in rows {
        match one(line, row) {
            Ok(made) => {
                lines.push(line);
                all.push(made);
            }
            Err(fault) => faults.push(fault),
        }
    }
    (lines, all)
}

/// Counts what was loaded, and makes it count unless it was a look only or the list is refused.
async fn conclude<E: std::fmt::Display>(
    tx: Tx,
    lines: &[u64],
    (added, wrong): (u64, Vec<(usize, E)>),
    mut faults: Vec<CellFault>,
    mode: Mode,
) -> Result<ListReport, IntakeError> {
    faults.extend(wrong.into_iter().map(|(at, error)| CellFault {
        line: lines.get(at).copied().unwrap_or(0),
        field: String::new(),
        reason: error.to_string(),
    }));
    let report = tally(lines.len(), added, faults, mode);
    if mode != Mode::Check && !report.refused {
        tx.commit().await?;
    }
    Ok(report)
}

/// Counts: `tried` rows could be read, `added` of them are new; some of the faults are theirs.
fn tally(tried: usize, added: u64, mut faults: Vec<CellFault>, mode: Mode) -> ListReport {
    faults.sort_by_key(|fault| fault.line);
    let bad = rows_wrong(&faults);
    let refused = bad > 0 && mode == Mode::Load(BadRows::RefuseWhole);
    let unread = faults.iter().filter(|fault| !fault.field.is_empty());
    let unread = rows_wrong(&unread.cloned().collect::<Vec<_>>());
    let rows = tried as u64 + unread;
    let present = rows.saturating_sub(bad).saturating_sub(added);
    let (added, present) = if refused { (0, 0) } else { (added, present) };
    faults.truncate(NAMED);
    ListReport { rows, added, present, bad, faults, refused }
}
