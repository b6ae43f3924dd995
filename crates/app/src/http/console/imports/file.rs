//! One file that was handed in: how far it is, what would come of it or came of it, the rows that
//! are wrong, and the decision.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::Id;
use store::{JobRow, JobState, NewJob, Page as Part, Tx, jobs_in_state};
use supply::intake::{self, FaultRow, FileRow, Kind, faults, file_by_id};

use super::{FILES, PATH, wrong_columns, wrong_row};
use crate::{
    http::{
        Failure, Visit, Web,
        console::{
            desk::{self, Names},
            settlement,
            sheet::{Card, Deed, Group, Sheet},
            shown,
        },
        i18n::Words,
        ui::{Alert, Badge, Cell, Definitions, Figure, Html, Sign, Table},
    },
    work::{CHECK_FILE, IMPORT_FILE, IntakeFile},
};

/// How a file stands.
pub(super) fn standing(t: Words, state: &str) -> Badge {
    let sign = match state {
        "done" => Sign::Ok,
        "refused" => Sign::Bad,
        "checked" => Sign::Warn,
        "checking" | "importing" => Sign::Info,
        _ => Sign::Neutral,
    };
    Badge::new(sign, t.of("intake_state", state))
}

/// The file, for those who may take such a file in: its rows may name people.
async fn theirs(visit: &Visit, tx: &mut Tx, id: &str) -> Result<FileRow, Failure> {
    let row = file_by_id(tx, visit.actor().org(), desk::id(id)?).await?;
    let row = row.ok_or_else(Failure::not_found)?;
    let kind = Kind::from_word(&row.kind).ok_or_else(Failure::not_found)?;
    desk::org(visit, kind.right()).await?;
    Ok(row)
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let row = theirs(&visit, &mut tx, &id).await?;
    let found = faults(&mut tx, row.org, row.id, &desk::part(&asked.after)?).await?;
    let job = job_of(&mut tx, &row).await?;
    let facts = facts(&visit, &mut tx, &row).await?;
    let page = visit.page(&row.file_name).crumb(t.get("nav.imports"), PATH);
    let deeds: Vec<Html> = deeds(t, &page, &row).iter().map(Html::of).collect();
    let mut sheet = Sheet::new(page);
    for deed in &deeds {
        sheet = sheet.act(deed);
    }
    if row.bad_count > 0 {
        sheet = sheet.action(t.get("intake.refused_rows"), &format!("{FILES}/{id}/refused.csv"));
    }
    sheet = sheet.maybe(notice(t, &row));
    if let Some(job) = &job {
        sheet = sheet.part(&Card::new("").part(&settlement::bar(&visit, job)));
    } else if row.state != "discarded" && row.refusal.is_none() {
        sheet = sheet.part(&Group::figures(&figures(t, &row)));
    }
    sheet = sheet.part(&facts);
    if !found.items.is_empty() {
        let base = format!("{FILES}/{id}");
        let shown = found.items.len();
        sheet = sheet.part(&wrong_rows(t, &found.items)).part(&desk::pager(
            t,
            &base,
            shown,
            &asked.after,
            found.next.as_deref(),
        ));
    }
    let mut response = sheet.show();
    if job.is_some_and(|job| matches!(job.state, JobState::Queued | JobState::Running)) {
        // Works without JavaScript: the page comes again until the job is over.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("2"));
    }
    Ok(response)
}

/// The job that works on the file, while there is something to wait for.
async fn job_of(tx: &mut Tx, row: &FileRow) -> Result<Option<JobRow>, Failure> {
    if !matches!(row.state.as_str(), "checking" | "importing") {
        return Ok(None);
    }
    let newest = Id::from_i64(i64::MAX);
    for state in [JobState::Running, JobState::Queued, JobState::Dead, JobState::Cancelled] {
        for job in jobs_in_state(tx, state, newest, 200).await? {
            let works_on = |job: &JobRow| {
                serde_json::from_str(&job.payload)
                    .is_ok_and(|asked: IntakeFile| asked.file == row.id)
            };
            if matches!(job.name.as_str(), CHECK_FILE | IMPORT_FILE) && works_on(&job) {
                return Ok(Some(job));
            }
        }
    }
    Ok(None)
}

/// What this means and what to do next.
fn notice(t: Words, row: &FileRow) -> Option<Alert> {
    let (bad, new) = (t.number(row.bad_count), t.number(row.new_count));
    let places: [(&str, &dyn std::fmt::Display); 2] = [("bad", &bad), ("new", &new)];
    let alert = |sign, key: &'static str| Alert::new(sign, t.with(key, &places));
    match row.state.as_str() {
        "refused" => {
            let alert = alert(Sign::Bad, "intake.was_refused");
            Some(match &row.refusal {
                Some(why) => alert.text(why),
                None => alert.text(&t.with("intake.was_refused_rows", &places)),
            })
        }
        "checked" if row.new_count == 0 => Some(alert(Sign::Info, "intake.nothing_new")),
        "checked" if row.bad_count > 0 => {
            Some(alert(Sign::Warn, "intake.some_bad").text(t.get("intake.some_bad_text")))
        }
        "checked" => Some(alert(Sign::Ok, "intake.all_good").text(t.get("intake.all_good_text"))),
        "done" if row.bad_count > 0 => Some(alert(Sign::Warn, "intake.done_some_bad")),
        "done" => Some(alert(Sign::Ok, "intake.done")),
        "discarded" => Some(alert(Sign::Neutral, "intake.was_discarded")),
        _ => None,
    }
}

/// What can be done with the file where it stands.
fn deeds<'a>(t: Words, page: &'a crate::http::ui::Page, row: &FileRow) -> Vec<Deed<'a>> {
    if row.state != "checked" {
        return Vec::new();
    }
    let path = |what: &str| format!("{FILES}/{}/{what}", row.id);
    let n = t.number(row.new_count);
    let mut deeds = Vec::new();
    if row.new_count > 0 {
        let label = t.with("intake.approve", &[("n", &n)]);
        deeds.push(Deed::new(page, &path("approve"), &label).primary());
    }
    deeds.push(Deed::new(page, &path("discard"), t.get("intake.discard")));
    deeds
}

fn figures(t: Words, row: &FileRow) -> Vec<Figure> {
    let done = row.state == "done";
    let (new, bad) = if done {
        (t.get("intake.taken"), t.get("intake.left_out"))
    } else {
        (t.get("intake.new"), t.get("intake.bad"))
    };
    vec![
        Figure::new(t.get("intake.rows"), t.number(row.row_count)),
        Figure::new(new, t.number(row.new_count)),
        Figure::new(t.get("intake.known"), t.number(row.known_count)),
        Figure::new(bad, t.number(row.bad_count)),
    ]
}

async fn facts(visit: &Visit, tx: &mut Tx, row: &FileRow) -> Result<Card, Failure> {
    let t = visit.t();
    let by = Names::default().person(tx, t, row.handed_in_by).await?;
    let kib = (row.byte_count + 1_023) / 1_024;
    let mut list = Definitions::new()
        .html(t.get("imports.state"), Html::of(&standing(t, &row.state)))
        .text(t.get("intake.kind"), t.of("intake_kind", &row.kind))
        .text(t.get("imports.policy"), t.of("import_policy", &row.policy))
        .text(t.get("intake.size"), &format!("{} KiB", t.number(kib)))
        .text(t.get("intake.handed_in"), &desk::at(visit, row.handed_in_at))
        .text(t.get("imports.by"), &by);
    if !row.format.is_empty() {
        let name = row.format.strip_prefix("profile:").unwrap_or(&row.format);
        list = list.text(t.get("intake.format"), t.of("import_format", name));
    }
    if let Some(at) = row.finished_at {
        list = list.text(t.get("intake.finished"), &desk::at(visit, at));
    }
    if let Some(import) = row.import {
        let link = Html::link(t.get("intake.import_link"), &format!("{PATH}/{import}"));
        list = list.html(t.get("imports.list"), link);
    }
    Ok(Card::new("").part(&list))
}

fn wrong_rows(t: Words, found: &[FaultRow]) -> Table {
    let rows = found
        .iter()
        .map(|row| wrong_row(t, (row.line, &row.field), Cell::text(&row.reason), &row.content));
    Table::new(t, t.get("intake.wrong_rows"), wrong_columns(t)).rows(rows)
}

pub(super) async fn approve(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (org, file) = (visit.actor().org(), desk::id(&id)?);
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = intake::approve(&ctx, &mut tx, org, file).await;
    if done.is_ok() {
        let payload = serde_json::json!(IntakeFile { file });
        let dedup = format!("intake:{file}:import");
        let job =
            NewJob { org, name: IMPORT_FILE, payload: &payload, dedup: Some(&dedup), run_at: None };
        tx.enqueue(job).await?;
    }
    visit.finish(&ctx, tx, done).await?;
    Ok(visit.go(&format!("{FILES}/{id}")).into_response())
}

pub(super) async fn discard(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (org, file) = (visit.actor().org(), desk::id(&id)?);
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = intake::discard(&ctx, &mut tx, org, file).await;
    let row = visit.finish(&ctx, tx, done).await?;
    intake::forget_bytes(&web.works, &row).await?;
    Ok(visit.go(PATH).flash(Sign::Ok, visit.t().get("intake.was_discarded")).into_response())
}

pub(super) async fn csv(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let mut tx = web.works.db.read().await?;
    let row = theirs(&visit, &mut tx, &id).await?;
    let (mut rows, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let part = Part::new(Some(store::PAGE_MAX), cursor.as_deref())?;
        let found = faults(&mut tx, row.org, row.id, &part).await?;
        rows.extend(
            found
                .items
                .into_iter()
                .map(|row| vec![row.line.to_string(), row.field, row.reason, row.content]),
        );
        cursor = found.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(shown::csv("refused.csv", &["line", "column", "reason", "content"], &rows))
}
