//! Files that come in: handing one in, seeing what would come of it and having it taken in, and
//! the imports of readings with the rows that were not taken.

mod file;
mod hand_in;
mod readings;

use access::Right;
use axum::response::Response;
use supply::intake::Kind;

use super::desk;
use crate::http::{
    Failure, Guard, Route, Visit,
    i18n::Words,
    ui::{Cell, Column, Row},
};

const PATH: &str = "/console/imports";
const NEW: &str = "/console/imports/new";
const FILES: &str = "/console/imports/files";

/// No body is read beyond this, whatever the setting says: what is above the setting and below
/// this is read to its end and thrown away, so that the browser hears the answer.
const BODY_MAX: usize = 4 << 30;
/// Characters of a bad row that its table shows; its file has all that was kept.
const CONTENT: usize = 120;
const UPLOAD_TIMEOUT_S: u64 = 1_800;

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::ReadingRead);
    let export = Guard::Right(Right::ExportData);
    vec![
        Route::get(PATH, "supply", read, readings::list),
        Route::get(NEW, "supply", read, hand_in::show),
        Route::post(NEW, "supply", read, hand_in::take)
            .body_limit(BODY_MAX)
            .timeout_s(UPLOAD_TIMEOUT_S),
        Route::get("/console/imports/files/{id}", "supply", read, file::show),
        Route::post("/console/imports/files/{id}/approve", "supply", read, file::approve),
        Route::post("/console/imports/files/{id}/discard", "supply", read, file::discard),
        Route::get("/console/imports/files/{id}/refused.csv", "supply", read, file::csv),
        Route::get("/console/imports/{id}", "supply", read, readings::show),
        Route::get("/console/imports/{id}/quarantine.csv", "supply", export, readings::csv),
    ]
}

/// The kinds of files that this person may hand in.
fn kinds(visit: &Visit) -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| visit.may(kind.right())).collect()
}

/// The columns of a table of rows that were not taken; [`wrong_row`] is one of them.
fn wrong_columns(t: Words) -> Vec<Column> {
    vec![
        Column::number(t.get("imports.line")).main(),
        Column::text(t.get("imports.field")),
        Column::text(t.get("imports.reason")),
        Column::text(t.get("imports.content")),
    ]
}

fn wrong_row(t: Words, (line, field): (i64, &str), reason: Cell, content: &str) -> Row {
    Row::new(vec![
        Cell::text(t.number(line)),
        Cell::text(field),
        reason,
        Cell::text(content.chars().take(CONTENT).collect::<String>()),
    ])
}

/// The page for those who may hand nothing in: the refusal names a right.
async fn refused(visit: &Visit) -> Result<Response, Failure> {
    desk::org(visit, Right::ReadingImport).await?;
    Err(Failure::denied())
}
