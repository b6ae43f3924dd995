//! Asking meters: people and programs ask for a reading, the head-end of the metering system fetches
//! what waits and posts the answers.

use access::Right;
use axum::{
    Json,
    extract::{Path, State},
};
use kernel::Instant;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use supply::{
    readings::ShownRegisters,
    requests::{self, Answer, Ask, HandedRow, RequestRow, request_by_id},
};

use super::{
    Operation, allowed, count, date, dated, decimal, id, ident, in_path, list, moment, object,
    or_null, text, wrong,
};
use crate::http::{Failure, Guard, Route, Visit, Web};

/// Requests of one fetch.
const TAKE_MAX: i64 = 1_000;

pub(super) fn operations() -> Vec<Operation> {
    let ask = Guard::Right(Right::ReadingRequest);
    let deliver = Guard::Right(Right::ReadingImport);
    let asked = json!({ "type": "object", "required": ["usage_point"], "properties": {
        "usage_point": { "type": "string", "description": "Its code." },
        "from": dated(), "to": dated() } });
    let answer = json!({ "type": "object", "required": ["request"], "properties": {
        "request": ident(),
        "readings": list(&reading_schema()),
        "failure": { "type": "string", "maxLength": 200,
            "description": "Why there is no reading; the plan asks again." } } });
    vec![
        Operation {
            route: Route::post("/api/v1/reading-requests", "readings", ask, post),
            id: "askReading",
            summary: "Ask a meter what it shows now, or for days of its memory (first day, first day after).",
            parameters: Vec::new(),
            body: Some(("application/json", asked)),
            answer: object(&[("request", ident())]),
        },
        Operation {
            route: Route::get("/api/v1/reading-requests/{request}", "readings", ask, one),
            id: "getReadingRequest",
            summary: "How a request stands.",
            parameters: vec![in_path("request", "The request's id.")],
            body: None,
            answer: object(&[
                ("id", ident()),
                ("purpose", json!({ "enum": ["on_demand", "retry", "memory", "field"] })),
                (
                    "state",
                    json!({ "enum": ["open", "handed", "answered", "expired", "cancelled"] }),
                ),
                ("asked_at", moment()),
                ("due_at", moment()),
                ("answered_at", or_null(&moment())),
                ("attempts", count()),
                ("failure", text()),
            ]),
        },
        Operation {
            route: Route::post("/api/v1/head-end/requests/take", "readings", deliver, take),
            id: "takeReadingRequests",
            summary: "Fetch what waits for the head-end, a person's requests first; each is handed out once.",
            parameters: Vec::new(),
            body: Some((
                "application/json",
                json!({ "type": "object", "properties": {
                "limit": { "type": "integer", "minimum": 1, "maximum": TAKE_MAX } } }),
            )),
            answer: object(&[("items", list(&handed_schema()))]),
        },
        Operation {
            route: Route::post("/api/v1/head-end/answers", "readings", deliver, answered)
                .timeout_s(120),
            id: "answerReadingRequest",
            summary: "Post what a meter showed, or why it did not answer.",
            parameters: Vec::new(),
            body: Some(("application/json", answer)),
            answer: object(&[("state", text())]),
        },
    ]
}

/// What registers showed, by name.
pub(super) fn registers_schema() -> Value {
    json!({ "type": "object", "additionalProperties": decimal("In the register's unit."),
        "description": "total, sharp, peak, flat, valley, deep, export_total, …" })
}

fn reading_schema() -> Value {
    object(&[("at", moment()), ("registers", registers_schema())])
}

/// A request as it is handed out.
pub(super) fn handed_schema() -> Value {
    object(&[
        ("request", ident()),
        ("purpose", text()),
        ("usage_point", text()),
        ("meter", text()),
        ("concentrator", text()),
        ("from", dated()),
        ("to", dated()),
        ("due_at", moment()),
    ])
}

fn handed_json(row: &HandedRow) -> Value {
    json!({
        "request": row.id.to_string(),
        "purpose": row.purpose,
        "usage_point": row.point_code,
        "meter": row.asset_no,
        "concentrator": row.concentrator,
        "from": row.day_from.to_string(),
        "to": row.day_to.to_string(),
        "due_at": row.due_at.to_string(),
    })
}

#[derive(Debug, Deserialize)]
struct Asked {
    usage_point: String,
    from: Option<String>,
    to: Option<String>,
}

async fn post(
    State(web): State<Web>,
    visit: Visit,
    Json(asked): Json<Asked>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::ReadingRequest).await?;
    let days = match (&asked.from, &asked.to) {
        (Some(from), Some(to)) => Some((date("from", from)?, date("to", to)?)),
        (None, None) => None,
        _ => return Err(wrong("from", "write both from and to, or neither")),
    };
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let point = registry::premises::usage_point_by_code(&mut tx, org, &asked.usage_point).await?;
    let point = point.ok_or_else(Failure::not_found)?;
    let today = web.zone.date_of(web.works.db.now());
    let ask = Ask { usage_point: point.id, days };
    let rules = (today, &web.works.rules.metering.request);
    let done = requests::ask(&ctx, &mut tx, org, &ask, rules).await;
    let request = visit.finish(&ctx, tx, done).await?;
    Ok(Json(json!({ "request": request.to_string() })))
}

async fn one(
    State(web): State<Web>,
    visit: Visit,
    Path(named): Path<String>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::ReadingRequest).await?;
    let mut tx = web.works.db.read().await?;
    let row = request_by_id(&mut tx, org, id(&named)?).await?.ok_or_else(Failure::not_found)?;
    Ok(Json(request_json(&row)))
}

fn request_json(row: &RequestRow) -> Value {
    json!({
        "id": row.id.to_string(),
        "purpose": row.purpose,
        "state": row.state,
        "asked_at": row.asked_at.to_string(),
        "due_at": row.due_at.to_string(),
        "answered_at": row.answered_at.map(|at| at.to_string()),
        "attempts": row.attempt,
        "failure": row.failure,
    })
}

#[derive(Debug, Deserialize)]
struct Limit {
    limit: Option<i64>,
}

async fn take(
    State(web): State<Web>,
    visit: Visit,
    Json(asked): Json<Limit>,
) -> Result<Json<Value>, Failure> {
    let limit = asked.limit.unwrap_or(TAKE_MAX).clamp(1, TAKE_MAX);
    let org = allowed(&web, &visit, Right::ReadingImport).await?;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let rules = &web.works.rules.metering.request;
    let done = requests::take(&ctx, &mut tx, org, limit, rules).await;
    let handed = visit.finish(&ctx, tx, done).await?;
    let items: Vec<Value> = handed.iter().map(handed_json).collect();
    Ok(Json(json!({ "items": items })))
}

#[derive(Debug, Deserialize)]
struct Given {
    request: String,
    #[serde(default)]
    readings: Vec<GivenReading>,
    #[serde(default)]
    failure: String,
}

#[derive(Debug, Deserialize)]
struct GivenReading {
    at: String,
    registers: Map<String, Value>,
}

async fn answered(
    State(web): State<Web>,
    visit: Visit,
    Json(given): Json<Given>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::ReadingImport).await?;
    if given.readings.is_empty() && given.failure.trim().is_empty() {
        return Err(wrong("failure", "give readings, or say why there is none"));
    }
    let mut readings = Vec::with_capacity(given.readings.len());
    for reading in &given.readings {
        readings.push((instant("at", &reading.at)?, registers(&reading.registers)?));
    }
    let request = id(&given.request)?;
    let answer = Answer { request, readings, failure: given.failure };
    requests::answer(&web.works, visit.actor(), org, &answer).await?;
    let mut tx = web.works.db.read().await?;
    let row = request_by_id(&mut tx, org, request).await?.ok_or_else(Failure::not_found)?;
    Ok(Json(json!({ "state": row.state })))
}

/// A moment with its offset.
pub(super) fn instant(name: &str, text: &str) -> Result<Instant, Failure> {
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    let reason = || format!("{text:?} is no moment; write 2026-06-30T10:02:00+08:00");
    parsed.map(Instant::from).map_err(|_| wrong(name, reason()))
}

/// Registers by name: decimals in strings, so that no reader has rounded them.
pub(super) fn registers(given: &Map<String, Value>) -> Result<ShownRegisters, Failure> {
    let mut shown = ShownRegisters::new();
    for (name, value) in given {
        let kind =
            name.parse().map_err(|_| wrong("registers", format!("{name:?} is no register")))?;
        let text = value.as_str().map(str::to_owned);
        let text = text.ok_or_else(|| wrong(name, "write the value as a text: \"1234.5\""))?;
        shown.insert(kind, text);
    }
    Ok(shown)
}
