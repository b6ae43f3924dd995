//! Background jobs: how many stand where, which failed and why, trying again and calling off.

use access::Right;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use kernel::Id;
use serde::Deserialize;
use store::{JobRow, JobState, JobSummary, Tx, job_by_id, job_summary, jobs, jobs_in_state};

use super::{
    desk,
    sheet::{Card, Deed, Sheet, SourceText},
};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    i18n::Words,
    ui::{Cell, Column, Definitions, Empty, Html, Page, Row, Sign, Tab, Table, Tabs},
};

const PATH: &str = "/console/jobs";

const STATES: [JobState; 5] =
    [JobState::Dead, JobState::Running, JobState::Queued, JobState::Done, JobState::Cancelled];

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::JobRead);
    let manage = Guard::Right(Right::JobManage);
    vec![
        Route::get(PATH, "platform", read, list),
        Route::get("/console/jobs/{id}", "platform", read, show),
        Route::post("/console/jobs/{id}/retry", "platform", manage, retry),
        Route::post("/console/jobs/{id}/cancel", "platform", manage, cancel),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
    after: String,
}

/// Jobs of the organisations for which the person holds the right; those of no organisation (the
/// timers) are everybody's who may see jobs at all.
fn is_theirs(visit: &Visit, job: &JobRow, right: Right) -> bool {
    job.org.get() == 0 || visit.actor().may(right, job.org)
}

async fn list(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::JobRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let summary = job_summary(&mut tx).await?;
    let part = desk::part(&asked.after)?;
    let found = match JobState::from_name(&asked.state) {
        Some(state) => jobs_in_state(&mut tx, state, part.before(), part.limit()).await?,
        None => jobs(&mut tx, part.before(), part.limit()).await?,
    };
    let found = part.cut(found, |job| (job.id, String::new()));
    let theirs = found.items.iter().filter(|job| is_theirs(&visit, job, Right::JobRead));
    let rows: Vec<Row> = theirs.map(|job| row(&visit, job)).collect();
    let shown = rows.len();
    let columns = vec![
        Column::text(t.get("jobs.job")).main(),
        Column::text(t.get("jobs.asked_at")),
        Column::text(t.get("jobs.state")),
        Column::text(t.get("jobs.progress")),
        Column::number(t.get("jobs.attempts")),
        Column::text(t.get("jobs.last_error")),
    ];
    let none = Empty::new(t.get("jobs.none"), t.get("jobs.none_text"));
    let table = Table::new(t, t.get("jobs.list"), columns).rows(rows).empty(none);
    let base = desk::address(PATH, &[("state", &asked.state)]);
    let pager = desk::pager(t, &base, shown, &asked.after, found.next.as_deref());
    Ok(Sheet::new(visit.page(t.get("nav.jobs")))
        .part(&tabs(t, &summary, &asked.state))
        .part(&table)
        .part(&pager)
        .show())
}

fn tabs(t: Words, summary: &[JobSummary], chosen: &str) -> Tabs {
    let count = |state: Option<JobState>| -> i64 {
        summary.iter().filter(|row| state.is_none_or(|s| row.state == s)).map(|row| row.count).sum()
    };
    let mut tabs = vec![Tab {
        label: t.get("jobs.all").to_owned(),
        href: PATH.to_owned(),
        count: Some(t.number(count(None))),
        current: chosen.is_empty(),
    }];
    tabs.extend(STATES.map(|state| Tab {
        label: t.of("work_state", state.name()).to_owned(),
        href: format!("{PATH}?state={}", state.name()),
        count: Some(t.number(count(Some(state)))),
        current: chosen == state.name(),
    }));
    Tabs::new(t.get("jobs.by_state"), tabs)
}

fn row(visit: &Visit, job: &JobRow) -> Row {
    let t = visit.t();
    let progress = if job.progress_total > 0 {
        format!("{} / {}", t.number(job.progress_done), t.number(job.progress_total))
    } else {
        String::new()
    };
    Row::new(vec![
        Cell::link(t.of("job", &job.name), format!("{PATH}/{}", job.id)).note(&job.name),
        Cell::text(desk::at(visit, job.created_at)),
        Cell::part(&desk::run_state(t, job.state.name())),
        Cell::text(progress).note(&job.progress_message),
        Cell::text(t.number(job.attempts)),
        Cell::text(job.last_error.as_deref().unwrap_or_default()),
    ])
}

async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::JobRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let job = theirs(&visit, &mut tx, desk::id(&id)?, Right::JobRead).await?;
    let page = visit.page(t.of("job", &job.name)).crumb(t.get("nav.jobs"), PATH);
    let deeds: Vec<Html> = deeds(&visit, &page, &job).iter().map(Html::of).collect();
    let mut sheet = Sheet::new(page);
    for deed in &deeds {
        sheet = sheet.act(deed);
    }
    let payload = SourceText {
        label: t.get("jobs.payload").to_owned(),
        lines: pretty(&job.payload).lines().map(|line| ("same", line.to_owned())).collect(),
    };
    Ok(sheet
        .part(&Card::new("").part(&super::settlement::bar(&visit, &job)))
        .part(&facts(&visit, &job))
        .part(&Card::new("").part(&payload))
        .show())
}

fn pretty(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| json.to_owned())
}

fn facts(visit: &Visit, job: &JobRow) -> Card {
    let t = visit.t();
    let moment =
        |at: Option<kernel::Instant>| at.map_or_else(|| "–".to_owned(), |at| desk::at(visit, at));
    let mut list = Definitions::new()
        .text(t.get("jobs.name"), &job.name)
        .html(t.get("jobs.state"), Html::of(&desk::run_state(t, job.state.name())))
        .text(t.get("jobs.asked_at"), &desk::at(visit, job.created_at))
        .text(t.get("jobs.run_at"), &desk::at(visit, job.run_at))
        .text(t.get("jobs.started_at"), &moment(job.started_at))
        .text(t.get("jobs.finished_at"), &moment(job.finished_at))
        .text(t.get("jobs.attempts"), &t.number(job.attempts))
        .text(t.get("jobs.failures"), &t.number(job.failures));
    if let Some(worker) = &job.leased_by {
        list = list.text(t.get("jobs.worker"), worker);
    }
    if let Some(error) = &job.last_error {
        list = list.text(t.get("jobs.last_error"), error);
    }
    if job.cancel_asked {
        list = list.text(t.get("jobs.note"), t.get("jobs.cancel_asked"));
    }
    Card::new("").part(&list)
}

/// What can be done with a job where it stands.
fn deeds<'a>(visit: &Visit, page: &'a Page, job: &JobRow) -> Vec<Deed<'a>> {
    let t = visit.t();
    if !is_theirs(visit, job, Right::JobManage) || !visit.may(Right::JobManage) {
        return Vec::new();
    }
    let deed =
        |what: &str, label: &str| Deed::new(page, &format!("{PATH}/{}/{what}", job.id), label);
    match job.state {
        JobState::Dead | JobState::Cancelled => {
            vec![deed("retry", t.get("jobs.retry")).primary()]
        }
        JobState::Queued => {
            vec![deed("retry", t.get("jobs.run_now")), deed("cancel", t.get("jobs.cancel"))]
        }
        JobState::Running if !job.cancel_asked => vec![deed("cancel", t.get("jobs.stop"))],
        JobState::Running | JobState::Done => Vec::new(),
    }
}

async fn theirs(visit: &Visit, tx: &mut Tx, id: Id, right: Right) -> Result<JobRow, Failure> {
    let job = job_by_id(tx, id).await?.filter(|job| is_theirs(visit, job, right));
    job.ok_or_else(Failure::not_found)
}

async fn retry(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    change(&web, &visit, &id, "retry").await
}

async fn cancel(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    change(&web, &visit, &id, "cancel").await
}

/// Does it and writes it into the audit trail, in one transaction.
async fn change(web: &Web, visit: &Visit, id: &str, what: &str) -> Result<Response, Failure> {
    desk::org(visit, Right::JobManage).await?;
    let t = visit.t();
    let id = desk::id(id)?;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let job = theirs(visit, &mut tx, id, Right::JobManage).await?;
    let text = if what == "retry" {
        tx.retry_job(id).await?;
        t.get("jobs.retried")
    } else {
        tx.cancel_job(id).await?;
        t.get("jobs.cancelled")
    };
    let before = serde_json::json!({ "state": job.state.name(), "name": job.name });
    let after = serde_json::json!({ "asked": what });
    let done = access::Audited {
        org: job.org,
        action: Right::JobManage.name(),
        object: &format!("job:{id}"),
        before: Some(&before),
        after: Some(&after),
    };
    ctx.audit(&mut tx, done).await?;
    tx.commit().await?;
    Ok(visit.go(&format!("{PATH}/{id}")).flash(Sign::Ok, text).into_response())
}
