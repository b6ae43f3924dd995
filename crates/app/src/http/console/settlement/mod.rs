//! Daily settlement and month close: how far it is, what came out, and starting or going on.

mod days;
mod months;
mod run;

use access::Right;
use axum::{
    extract::{Path, State},
    response::Response,
};
use kernel::Id;
use store::{JobRow, JobState, Tx, job_by_id, jobs_in_state};

use super::{
    desk,
    sheet::{Group, fragment},
};
use crate::{
    http::{
        Failure, Guard, Route, Visit, Web,
        ui::{Html, Progress, Sign},
    },
    work::{CLOSE_MONTH, ISSUE_BILLS, SETTLE_AGAIN, SETTLE_DAYS},
};

/// The bills that wait for a person.
pub(super) const REVIEW: &str = "/console/bills";

const PATH: &str = "/console/settlement";
const MONTHS: &str = "/console/months";

/// What the pages of this module ask for and watch.
const WORK: [&str; 4] = [SETTLE_DAYS, SETTLE_AGAIN, CLOSE_MONTH, ISSUE_BILLS];

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::SettlementRead);
    let run = Guard::Right(Right::SettlementRun);
    let issue = Guard::Right(Right::BillIssue);
    let export = Guard::Right(Right::ExportData);
    vec![
        Route::get(PATH, "supply", read, days::show),
        Route::post(PATH, "supply", run, days::start),
        Route::get("/console/settlement.csv", "supply", export, days::export),
        Route::get("/console/settlement/{run}", "supply", read, run::show),
        Route::get("/console/settlement/{run}/changes.csv", "supply", export, run::export),
        Route::get("/console/work/{job}", "supply", read, progress),
        Route::get(MONTHS, "supply", read, months::show),
        Route::post(MONTHS, "supply", run, months::close),
        Route::get("/console/months/{from}/issue", "supply", issue, months::ask),
        Route::post("/console/months/{from}/issue", "supply", issue, months::issue),
    ]
}

/// The jobs of this module that wait or run, with their progress, which keeps itself up to date.
async fn in_hand(visit: &Visit, tx: &mut Tx, org: Id) -> Result<Option<Group>, Failure> {
    let newest = Id::from_i64(i64::MAX);
    let mut shown = Vec::new();
    for state in [JobState::Running, JobState::Queued] {
        for job in jobs_in_state(tx, state, newest, 50).await? {
            if job.org == org && WORK.contains(&job.name.as_str()) {
                shown.push(Html::of(&bar(visit, &job)));
            }
        }
    }
    Ok((!shown.is_empty()).then(|| Group::stack(shown)))
}

/// How far a job is.
pub(super) fn bar(visit: &Visit, job: &JobRow) -> Progress {
    let t = visit.t();
    let label = format!("{} · {}", t.of("job", &job.name), t.of("work_state", job.state.name()));
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let done = job.state == JobState::Done;
    let total = count(job.progress_total).max(1);
    let reached = if done { total } else { count(job.progress_done) };
    let sign = match job.state {
        JobState::Done => Sign::Ok,
        JobState::Dead => Sign::Bad,
        JobState::Cancelled => Sign::Warn,
        JobState::Queued | JobState::Running => Sign::Info,
    };
    let note = match (&job.last_error, job.state) {
        (Some(error), JobState::Dead | JobState::Queued) => error.clone(),
        _ if done => t.get("settlement.reload").to_owned(),
        _ => job.progress_message.clone(),
    };
    let progress =
        Progress::new(t, &format!("work-{}", job.id), label, reached, total).sign(sign).note(note);
    match job.state {
        JobState::Queued | JobState::Running => progress.poll(format!("/console/work/{}", job.id)),
        JobState::Done | JobState::Dead | JobState::Cancelled => progress,
    }
}

async fn progress(
    State(web): State<Web>,
    visit: Visit,
    Path(job): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::SettlementRead).await?;
    let mut tx = web.works.db.read().await?;
    let job = job_by_id(&mut tx, desk::id(&job)?).await?;
    let job = job.filter(|job| job.org == org && WORK.contains(&job.name.as_str()));
    Ok(fragment(&bar(&visit, &job.ok_or_else(Failure::not_found)?)))
}
