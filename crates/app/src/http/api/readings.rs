//! Readings come in: a CSV file as the body of a request. The same file twice changes nothing,
//! and a request with the same `Idempotency-Key` is answered as before.

use access::Right;
use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::FaultKind;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{IdempotencyKey, Repeat};
use supply::{
    blocking,
    readings::{BadRows, Form, ImportFile, ImportSummary, import_by_id, import_file},
};

use super::{
    Operation, allowed, count, dated, day, id, ident, in_path, in_query, moment, object, or_null,
    text, wrong,
};
use crate::http::{Failure, Guard, Route, Visit, Web};

/// The largest file: larger ones go through the command line, which reads them as a stream.
const BYTES_MAX: usize = 64 * 1024 * 1024;
const TIMEOUT_S: u64 = 600;
const PATH: &str = "/api/v1/readings-imports";

pub(super) fn operations() -> Vec<Operation> {
    let import = Guard::Right(Right::ReadingImport);
    let read = Guard::Right(Right::ReadingRead);
    vec![
        Operation {
            route: Route::post(PATH, "readings", import, take)
                .body_limit(BYTES_MAX)
                .timeout_s(TIMEOUT_S),
            id: "importReadings",
            summary: "Import a file of readings; settled days that it touches are settled again.",
            parameters: vec![
                in_query("name", "How people call the file.", &text()),
                in_query(
                    "form",
                    "The documented columns it has.",
                    &json!({ "enum": ["registers", "intervals"] }),
                ),
                in_query(
                    "bad_rows",
                    "What becomes of the file when some rows are bad.",
                    &json!({ "enum": ["keep_good", "refuse_whole"] }),
                ),
                json!({ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "maxLength": 255 },
                        "description": "Chosen by the sender; the same key is answered the same for a day." }),
            ],
            body: Some(("text/csv", json!({ "type": "string" }))),
            answer: summary_schema(),
        },
        Operation {
            route: Route::get("/api/v1/readings-imports/{import}", "readings", read, one),
            id: "getReadingsImport",
            summary: "How an import went.",
            parameters: vec![in_path("import", "The import's id.")],
            body: None,
            answer: object(&[
                ("id", ident()),
                ("name", text()),
                ("format", text()),
                ("state", json!({ "enum": ["running", "done", "refused"] })),
                ("rows", count()),
                ("good", count()),
                ("bad", count()),
                ("first_on", or_null(&dated())),
                ("last_on", or_null(&dated())),
                ("started_at", moment()),
                ("finished_at", or_null(&moment())),
                ("refusal", or_null(&text())),
            ]),
        },
    ]
}

fn summary_schema() -> Value {
    object(&[
        ("import", ident()),
        (
            "known",
            json!({ "type": "boolean", "description": "The same file was imported before." }),
        ),
        ("state", json!({ "enum": ["done", "refused"] })),
        ("rows", count()),
        ("good", count()),
        ("bad", count()),
        ("first_on", or_null(&dated())),
        ("last_on", or_null(&dated())),
        ("late_usage_points", count()),
        ("refusal", or_null(&text())),
    ])
}

fn summary_json(summary: &ImportSummary) -> Value {
    json!({
        "import": summary.import.to_string(),
        "known": summary.known,
        "state": summary.state,
        "rows": summary.rows,
        "good": summary.good,
        "bad": summary.bad,
        "first_on": day(summary.days.map(|days| days.0)),
        "last_on": day(summary.days.map(|days| days.1)),
        "late_usage_points": summary.late_usage_points,
        "refusal": summary.refusal,
    })
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    name: String,
    #[serde(default)]
    form: String,
    #[serde(default)]
    bad_rows: String,
}

async fn take(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let org = allowed(&web, &visit, Right::ReadingImport).await?;
    let form = match asked.form.as_str() {
        "" | "registers" => Form::Registers,
        "intervals" => Form::Intervals,
        "curves" => Form::Curves,
        other => {
            return Err(wrong(
                "form",
                format_args!("{other:?} is none of registers, intervals, curves"),
            ));
        }
    };
    let bad_rows = match asked.bad_rows.as_str() {
        "" | "keep_good" => BadRows::KeepGood,
        "refuse_whole" => BadRows::RefuseWhole,
        other => {
            let reason = format_args!("{other:?} is neither keep_good nor refuse_whole");
            return Err(wrong("bad_rows", reason));
        }
    };
    let sent = headers.get("idempotency-key").map(|value| value.to_str());
    let sent = sent.transpose().map_err(|_| wrong("Idempotency-Key", "use plain characters"))?;
    let key = sent.map(|key| IdempotencyKey { actor: visit.actor().name(), route: PATH, key });
    // What decides whether a repeated request is the same one.
    let request = [asked.form.as_bytes(), b"\n", asked.bad_rows.as_bytes(), b"\n", &body].concat();
    if let Some(key) = key {
        let mut tx = web.works.db.begin().await?;
        if let Repeat::Answered { status, body } = tx.claim_key(key, &request).await? {
            return Ok(answered(status, body));
        }
        // The claim is given back: an import is the same however often it runs, as it goes by the
        // file's content, and one that was killed must be able to come again.
    }
    let (file, path) = stored(body).await?;
    let mut import = ImportFile::new(path, form);
    import.bad_rows = bad_rows;
    import.name = if asked.name.is_empty() { "api.csv".to_owned() } else { asked.name };
    let summary = import_file(&web.works, visit.actor(), org, import, &|_, _, _| {}).await?;
    drop(file);
    let answer = summary_json(&summary).to_string();
    if let Some(key) = key {
        let mut tx = web.works.db.begin().await?;
        if tx.claim_key(key, &request).await? == Repeat::New {
            tx.keep_answer(key, 200, &answer).await?;
            tx.commit().await?;
        }
    }
    Ok(answered(200, answer))
}

/// The body as a file that goes away with the value returned.
async fn stored(body: Bytes) -> Result<(tempfile::NamedTempFile, std::path::PathBuf), Failure> {
    blocking(move || {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), &body)?;
        let path = file.path().to_owned();
        Ok((file, path))
    })
    .await
    .map_err(|error: std::io::Error| {
        Failure::new(FaultKind::Unavailable, "api.spool", error.to_string())
    })
}

fn answered(status: i64, body: String) -> Response {
    let status = u16::try_from(status).ok().and_then(|s| StatusCode::from_u16(s).ok());
    let status = status.unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn one(
    State(web): State<Web>,
    visit: Visit,
    Path(named): Path<String>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::ReadingRead).await?;
    let mut tx = web.works.db.read().await?;
    let row = import_by_id(&mut tx, org, id(&named)?).await?.ok_or_else(Failure::not_found)?;
    Ok(Json(json!({
        "id": row.id.to_string(),
        "name": row.file_name,
        "format": row.format,
        "state": row.state,
        "rows": row.row_count,
        "good": row.good_count,
        "bad": row.bad_count,
        "first_on": day(row.first_on),
        "last_on": day(row.last_on),
        "started_at": row.started_at.to_string(),
        "finished_at": row.finished_at.map(|at| at.to_string()),
        "refusal": row.refusal,
    })))
}
