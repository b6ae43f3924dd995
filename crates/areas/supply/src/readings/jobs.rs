//! The long work of readings: importing a file chunk by chunk, settling again what came late, and
//! decisions with what follows from them. Each step counts on its own, so whatever was stopped
//! goes on where it was.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use access::Actor;
use kernel::{Date, Id};
use lake::{Lake, Manifest, query, settle::DayFiles, tables::ReadingRow};
use metering::codec;
use store::{Db, Tx, lake_files_on};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    Decide, Decision, FileCheck, ImportFile, ImportSummary, ReadingError,
    model::RowProblem,
    ops::{
        self, Begun, Progress, begin_import, commit_exchange, commit_rows, decode_file,
        exchange_reads, fingerprint, finish_import, lines_of, load_index, record_problems,
        refuse_import,
    },
    rules::{self, Chunk, Collector, DayRows},
    store::{
        ExceptionRow, ImportRow, exception_by_id, forget_late, import_by_id, import_of_file,
        late_batches, late_points,
    },
};
use crate::{
    Works, blocking, meters,
    settlement::{Corrected, Report, last_settled, settle_again},
};

/// Bad rows of an import that are kept word for word; all are counted.
const PROBLEMS: usize = 10_000;

/// Imports a file of readings. Killed at any point and asked again, it goes on where it was; the
/// same file twice changes nothing. Under [`super::BadRows::RefuseWhole`] nothing counts before
/// the whole file was found good. Usage points whose settled days it touches are settled again.
///
/// `report` hears bytes read, bytes of the file, and a word.
///
/// # Errors
/// A file that cannot be read as what it is said to be ([`ReadingError::Codec`]); it is recorded
/// as refused. [`ReadingError::Busy`] when another process imports it at the same time.
pub async fn import_file(
    works: &Works,
    actor: &Actor,
    org: Id,
    file: ImportFile,
    report: Report<'_>,
) -> Result<ImportSummary, ReadingError> {
    let ctx = works.ctx(actor, "import");
    let file = Arc::new(file);
    let (path, name) = (file.path.clone(), file.name.clone());
    let (bytes, sha256) = blocking(move || fingerprint(&path, &name)).await?;
    let mut tx = works.db.begin().await?;
    let begun = begin_import(&ctx, &mut tx, org, &file, &sha256).await?;
    tx.commit().await?;
    let row = match begun {
        Begun::Known(row) => {
            // It may have been stopped after its last row and before what follows from it.
            settle_late(works, actor, org, "late_readings").await?;
            return Ok(summary(row, true, 0));
        }
        Begun::Fresh(row) | Begun::Resumed(row) => row,
    };
    let whole = row.policy == super::BadRows::RefuseWhole.word();
    let mut desk = Desk {
        works,
        actor,
        org,
        import: row.id,
        done: row.row_count,
        late: 0,
        staged: whole.then(Staged::default),
        kept_problems: 0,
    };
    let read = Arc::new(AtomicU64::new(0));
    let decoded = pump(&mut desk, &file, &read, bytes, report).await;
    let report_of_codec = match decoded {
        Ok(report) => report,
        Err(ReadingError::Codec(error)) => {
            desk.refuse(&error.to_string(), 0).await?;
            return Err(ReadingError::Codec(error));
        }
        Err(error) => return Err(error),
    };
    desk.end(&file, &report_of_codec).await?;
    settle_late(works, actor, org, "late_readings").await?;
    let mut tx = works.db.read().await?;
    let row = import_by_id(&mut tx, org, desk.import).await?.unwrap_or(row);
    Ok(summary(row, false, desk.late))
}

/// A file that is being decoded in a thread of its own.
struct Decoding {
    chunks: mpsc::Receiver<Chunk>,
    thread: JoinHandle<Result<codec::Report, ReadingError>>,
}

impl Decoding {
    /// Begins, leaving the first `skip` values out.
    async fn begin(
        works: &Works,
        org: Id,
        (file, skip): (&Arc<ImportFile>, i64),
        read: &Arc<AtomicU64>,
    ) -> Result<Self, ReadingError> {
        let mut tx = works.db.read().await?;
        let index = load_index(&mut tx, org).await?;
        drop(tx);
        let (sender, chunks) = mpsc::channel::<Chunk>(1);
        let (zone, now) = (works.rules.zone.clone(), works.db.now());
        let (job, progress) = (Arc::clone(file), Arc::clone(read));
        let thread = tokio::task::spawn_blocking(move || {
            let bounds = (skip, job.chunk_rows);
            let mut collector = Collector::new(&index, &zone, job.source, now, bounds);
            // Nobody listens any more when the import was stopped: the rest is read to no purpose.
            let mut stopped = false;
            let name = zone.to_string();
            let mut take = |value: ops::Value<'_>| {
                if stopped {
                    return;
                }
                let full = match &value {
                    ops::Value::Registers(row) => collector.register(row),
                    ops::Value::Interval(row) => collector.interval(row),
                    ops::Value::Curve(row) => collector.curve(row),
                };
                stopped = full.is_some_and(|chunk| sender.blocking_send(chunk).is_err());
            };
            let report = decode_file(&job, &name, &progress, &mut take)?;
            let _last = sender.blocking_send(collector.finish());
            Ok(report)
        });
        Ok(Self { chunks, thread })
    }

    async fn end(self) -> Result<codec::Report, ReadingError> {
        match self.thread.await {
            Ok(report) => report,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// Tells how much of a file is read.
fn tell(report: Report<'_>, read: &AtomicU64, bytes: u64, name: &str) {
    let total = i64::try_from(bytes).unwrap_or(i64::MAX);
    let done = i64::try_from(read.load(Ordering::Relaxed)).unwrap_or(total).min(total);
    report(done, total, name);
}

/// Decodes and counts each chunk as it comes.
async fn pump(
    desk: &mut Desk<'_>,
    file: &Arc<ImportFile>,
    read: &Arc<AtomicU64>,
    bytes: u64,
    report: Report<'_>,
) -> Result<codec::Report, ReadingError> {
    let mut decoding = Decoding::begin(desk.works, desk.org, (file, desk.done), read).await?;
    while let Some(chunk) = decoding.chunks.recv().await {
        desk.take(chunk).await?;
        tell(report, read, bytes, &file.name);
    }
    decoding.end().await
}

/// Reads a file as an import would, and keeps nothing: how many rows would count, and what is
/// wrong with the others.
///
/// # Errors
/// A file that cannot be read as what it is said to be.
pub async fn check_file(
    works: &Works,
    org: Id,
    file: ImportFile,
    report: Report<'_>,
) -> Result<FileCheck, ReadingError> {
    let file = Arc::new(file);
    let (path, name) = (file.path.clone(), file.name.clone());
    let (bytes, sha256) = blocking(move || fingerprint(&path, &name)).await?;
    let mut tx = works.db.read().await?;
    let before = import_of_file(&mut tx, org, &sha256).await?;
    drop(tx);
    let mut check = FileCheck { known: false, good: 0, bad: 0, problems: Vec::new() };
    if let Some(row) = before.filter(|row| row.state == "done") {
        return Ok(FileCheck { known: true, good: row.good_count, bad: row.bad_count, ..check });
    }
    let read = Arc::new(AtomicU64::new(0));
    let mut decoding = Decoding::begin(works, org, (&file, 0), &read).await?;
    while let Some(chunk) = decoding.chunks.recv().await {
        check.good += chunk.good;
        check.bad += chunk.bad;
        let room = PROBLEMS.saturating_sub(check.problems.len());
        check.problems.extend(chunk.problems.into_iter().take(room));
        tell(report, &read, bytes, &file.name);
    }
    let told = decoding.end().await?;
    check.bad = check.bad.saturating_add(i64::try_from(told.problem_count).unwrap_or(i64::MAX));
    check.problems.extend(problems_of(&told));
    check.problems.sort_by_key(|problem| problem.line);
    Ok(check)
}

/// What a whole-or-nothing import holds back until its end.
#[derive(Default)]
struct Staged {
    chunks: Vec<(Progress, Vec<Manifest>)>,
    touched: BTreeMap<i64, Date>,
    problems: Vec<RowProblem>,
    bad: i64,
}

/// One import at work.
struct Desk<'a> {
    works: &'a Works,
    actor: &'a Actor,
    org: Id,
    import: Id,
    /// Values done.
    done: i64,
    late: i64,
    staged: Option<Staged>,
    kept_problems: usize,
}

impl Desk<'_> {
    async fn take(&mut self, chunk: Chunk) -> Result<(), ReadingError> {
        let Chunk { seen, good, bad, mut problems, days } = chunk;
        let touched = touched_of(&days);
        let span = days.keys().next().copied().zip(days.keys().next_back().copied());
        let progress = Progress { from: self.done, to: seen, good, bad, days: span };
        let refused = self.staged.as_ref().is_some_and(|staged| staged.bad > 0) || bad > 0;
        // What will be refused anyway is not written.
        let files = if refused && self.staged.is_some() {
            Vec::new()
        } else {
            write_days(self.works, self.org, days).await?
        };
        problems.truncate(PROBLEMS.saturating_sub(self.kept_problems));
        self.kept_problems += problems.len();
        self.done = seen;
        if let Some(staged) = &mut self.staged {
            staged.chunks.push((progress, files));
            staged.bad += bad;
            staged.problems.extend(problems);
            for (usage_point, day) in touched {
                let first = staged.touched.entry(usage_point).or_insert(day);
                *first = (*first).min(day);
            }
            return Ok(());
        }
        let mut tx = self.works.db.begin().await?;
        record_problems(&mut tx, (self.org, self.import), &problems).await?;
        let place = (self.org, self.import);
        self.late += commit_rows(&mut tx, place, progress, &files, &touched).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Finishes: the codec's problems go into quarantine; a whole-or-nothing import counts now,
    /// or never.
    async fn end(&mut self, file: &ImportFile, report: &codec::Report) -> Result<(), ReadingError> {
        let place = (self.org, self.import);
        let more_bad = i64::try_from(report.problem_count).unwrap_or(i64::MAX);
        let mut problems = problems_of(report);
        let staged = self.staged.take();
        if let Some(staged) = &staged {
            problems.extend(staged.problems.iter().cloned());
        }
        let problems = with_lines(file, problems).await?;
        let ctx = self.works.ctx(self.actor, "import");
        let mut tx = self.works.db.begin().await?;
        record_problems(&mut tx, place, &problems).await?;
        match staged {
            Some(staged) if staged.bad > 0 || more_bad > 0 => {
                let bad = staged.bad.saturating_add(more_bad);
                let first = problems.iter().min_by_key(|problem| problem.line);
                let words = first.map_or_else(String::new, |p| {
                    format!(": {}:{}: {}", file.name, p.line, p.reason)
                });
                refuse_import(&ctx, &mut tx, place, bad, &format!("{bad} bad rows{words}")).await?;
            }
            Some(staged) => {
                let none = BTreeMap::new();
                for (progress, files) in &staged.chunks {
                    commit_rows(&mut tx, place, *progress, files, &none).await?;
                }
                self.late = ops::note_late(&mut tx, self.org, &staged.touched).await?;
                finish_import(&ctx, &mut tx, place, 0).await?;
            }
            None => finish_import(&ctx, &mut tx, place, more_bad).await?,
        }
        tx.commit().await?;
        Ok(())
    }

    async fn refuse(&mut self, words: &str, bad: i64) -> Result<(), ReadingError> {
        let ctx = self.works.ctx(self.actor, "import");
        let mut tx = self.works.db.begin().await?;
        let place = (self.org, self.import);
        if self.done == 0 || self.staged.is_some() {
            refuse_import(&ctx, &mut tx, place, bad, words).await?;
        } else {
            // Good rows before the place where the file broke count already, and stay.
            let problem = RowProblem {
                line: 0,
                field: "",
                code: "import.broken_off",
                reason: words.to_owned(),
                content: String::new(),
            };
            record_problems(&mut tx, place, &[problem]).await?;
            finish_import(&ctx, &mut tx, place, 1).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn touched_of(days: &BTreeMap<Date, DayRows>) -> BTreeMap<i64, Date> {
    let mut touched = BTreeMap::new();
    for (day, rows) in days {
        let readings = rows.readings.iter().map(|row| row.usage_point);
        for usage_point in readings.chain(rows.intervals.iter().map(|row| row.usage_point)) {
            touched.entry(usage_point).or_insert(*day);
        }
    }
    touched
}

/// Writes days to the lake; they count when their manifests are committed.
pub(crate) async fn write_days(
    works: &Works,
    org: Id,
    days: BTreeMap<Date, DayRows>,
) -> Result<Vec<Manifest>, ReadingError> {
    let (lake, db) = (works.lake.clone(), works.db.clone());
    Ok(blocking(move || write_files(&lake, &db, org, days)).await?)
}

fn write_files(
    lake: &Lake,
    db: &Db,
    org: Id,
    days: BTreeMap<Date, DayRows>,
) -> Result<Vec<Manifest>, lake::LakeError> {
    let mut files = Vec::new();
    for (day, rows) in days {
        // An id as version: a file of a run that was killed is never written over.
        let version = db.next_id().get();
        if !rows.readings.is_empty() {
            files.push(lake.write_readings(org.get(), day, version, rows.readings)?);
        }
        if !rows.intervals.is_empty() {
            files.push(lake.write_intervals(org.get(), day, version, rows.intervals)?);
        }
    }
    Ok(files)
}

fn problems_of(report: &codec::Report) -> Vec<RowProblem> {
    let problems = report.problems.iter().map(|problem| RowProblem {
        line: problem.line,
        field: "",
        code: problem.code,
        reason: problem.reason.clone(),
        content: String::new(),
    });
    problems.collect()
}

/// Adds the text of the lines to problems that have none.
async fn with_lines(
    file: &ImportFile,
    mut problems: Vec<RowProblem>,
) -> Result<Vec<RowProblem>, ReadingError> {
    let wanted: BTreeSet<u64> =
        problems.iter().filter(|p| p.content.is_empty()).map(|p| p.line).collect();
    if wanted.is_empty() {
        return Ok(problems);
    }
    let (path, name) = (file.path.clone(), file.name.clone());
    let lines = blocking(move || lines_of(&path, &name, &wanted)).await?;
    for problem in problems.iter_mut().filter(|p| p.content.is_empty()) {
        if let Some(line) = lines.get(&problem.line) {
            problem.content.clone_from(line);
        }
    }
    Ok(problems)
}

fn summary(row: ImportRow, known: bool, late: i64) -> ImportSummary {
    ImportSummary {
        import: row.id,
        known,
        state: row.state,
        rows: row.row_count,
        good: row.good_count,
        bad: row.bad_count,
        days: row.first_on.zip(row.last_on),
        late_usage_points: late,
        refusal: row.refusal,
    }
}

/// Settles again the usage points whose settled days got new readings. `kind` is how the run is
/// recorded: `late_readings` or `decision`. `None` when there were none.
///
/// Whoever delivered the readings was asked for the right to do so; that they are settled follows
/// from it. So the program does it on the actor's behalf, whose name the record carries.
///
/// # Errors
/// What stops the settlement; the usage points stay noted.
pub async fn settle_late(
    works: &Works,
    actor: &Actor,
    org: Id,
    kind: &'static str,
) -> Result<Option<Corrected>, ReadingError> {
    let actor = actor.on_behalf();
    let mut tx = works.db.read().await?;
    let Some(last) = last_settled(&mut tx, org).await? else { return Ok(None) };
    let batches = late_batches(&mut tx, org, last.day).await?;
    if batches.is_empty() {
        return Ok(None);
    }
    let late = late_points(&mut tx, org, last.day).await?;
    drop(tx);
    let touched: BTreeMap<i64, Date> = late.into_iter().map(|(id, day)| (id.get(), day)).collect();
    let corrected = settle_again(works, &actor, org, kind, touched).await?;
    let mut tx = works.db.begin().await?;
    for batch in batches {
        forget_late(&mut tx, org, batch, last.day).await?;
    }
    tx.commit().await?;
    Ok(corrected)
}

/// Delivers the opening and closing registers of installations to the lake as readings. The
/// number of installations' ends delivered; called again, it finds nothing to do.
///
/// # Errors
/// Denied, stored registers that cannot be read back, the lake or the database.
pub async fn deliver_exchanges(
    works: &Works,
    actor: &Actor,
    org: Id,
) -> Result<usize, ReadingError> {
    let ctx = works.ctx(actor, "exchange");
    let mut count = 0;
    loop {
        let mut tx = works.db.read().await?;
        let reads = exchange_reads(&mut tx, org, &works.rules.zone).await?;
        drop(tx);
        if reads.delivered.is_empty() {
            break;
        }
        count += reads.delivered.len();
        let days = reads
            .days
            .iter()
            .map(|(day, rows)| (*day, DayRows { readings: rows.clone(), intervals: Vec::new() }));
        let files = write_days(works, org, days.collect()).await?;
        let mut tx = works.db.begin().await?;
        commit_exchange(&ctx, &mut tx, org, &reads, &files).await?;
        tx.commit().await?;
    }
    settle_late(works, actor, org, "late_readings").await?;
    Ok(count)
}

/// Decides about a finding and settles its usage point again.
///
/// # Errors
/// As [`ops::decide`]; [`ReadingError::NothingDelivered`], [`ReadingError::Value`].
pub async fn decide(
    works: &Works,
    actor: &Actor,
    org: Id,
    asked: &Decide,
) -> Result<Option<Corrected>, ReadingError> {
    let (exception, delivered, empty) = evidence(works, org, asked.exception).await?;
    let rows = match &asked.decision {
        Decision::Accept => rules::accept(&delivered)?,
        Decision::Replace(values) => rules::replace(&delivered, values, empty)?,
        Decision::Estimate | Decision::FieldCheck => DayRows::default(),
    };
    let files = write_days(works, org, BTreeMap::from([(exception.day, rows)])).await?;
    let ctx = works.ctx(actor, "decide");
    let mut tx = works.db.begin().await?;
    ops::decide(&ctx, &mut tx, org, asked, &files).await?;
    tx.commit().await?;
    settle_late(works, actor, org, "decision").await
}

/// Takes a decision back and settles the usage point again.
///
/// # Errors
/// As [`ops::reopen`].
pub async fn reopen(
    works: &Works,
    actor: &Actor,
    org: Id,
    (exception, version): (Id, i64),
) -> Result<Option<Corrected>, ReadingError> {
    let (row, delivered, _) = evidence(works, org, exception).await?;
    let rows = match row.decision.as_deref() {
        Some("accept" | "replace") => rules::restore(&delivered)?,
        _ => DayRows::default(),
    };
    let files = write_days(works, org, BTreeMap::from([(row.day, rows)])).await?;
    let ctx = works.ctx(actor, "reopen");
    let mut tx = works.db.begin().await?;
    ops::reopen(&ctx, &mut tx, org, (exception, version), &files).await?;
    tx.commit().await?;
    settle_late(works, actor, org, "decision").await
}

/// A finding, everything that was delivered for its day, and where a reading would stand if there
/// is none.
async fn evidence(
    works: &Works,
    org: Id,
    exception: Id,
) -> Result<(ExceptionRow, DayRows, ReadingRow), ReadingError> {
    let mut tx = works.db.read().await?;
    let row = exception_by_id(&mut tx, org, exception).await?.ok_or(ReadingError::NotFound)?;
    let files = day_files(&mut tx, org, row.day).await?;
    let meter = meters::meter_by_id(&mut tx, org, row.meter).await?;
    drop(tx);
    let end = works.rules.zone.day(row.day).ok().and_then(|day| day.to());
    let end = end.ok_or(ReadingError::Corrupt("day of a finding"))?;
    let scale = meter.and_then(|meter| u8::try_from(meter.register_scale).ok()).unwrap_or(2);
    let empty = ReadingRow {
        usage_point: row.usage_point.get(),
        meter: row.meter.get(),
        at: end.micros(),
        scale,
        ..ReadingRow::default()
    };
    let (lake, point, day) = (works.lake.clone(), row.usage_point.get(), row.day);
    let rows = blocking(move || {
        let next = day.tomorrow().unwrap_or(day);
        let period = kernel::DatePeriod::new(day, next).unwrap_or(kernel::DatePeriod::since(day));
        let catalogue = BTreeMap::from([(day, files)]);
        Ok::<_, lake::LakeError>(DayRows {
            readings: query::readings(&lake, point, period, &catalogue)?,
            intervals: query::intervals(&lake, point, period, &catalogue)?,
        })
    })
    .await?;
    Ok((row, rows, empty))
}

async fn day_files(tx: &mut Tx, org: Id, day: Date) -> Result<DayFiles, ReadingError> {
    let paths = |files: Vec<store::LakeFile>| files.into_iter().map(|file| file.path).collect();
    Ok(DayFiles {
        readings: paths(lake_files_on(tx, org, "readings", day).await?),
        intervals: paths(lake_files_on(tx, org, "intervals", day).await?),
        ..DayFiles::default()
    })
}
