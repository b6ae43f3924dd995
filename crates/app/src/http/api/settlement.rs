//! How far settlement is.

use access::Right;
use axum::{Json, extract::State};
use kernel::Id;
use serde_json::{Value, json};
use supply::settlement::{last_settled, runs};

use super::{
    Operation, allowed, count, dated, day, decimal, ident, kwh, list, moment, money, object,
    or_null, text,
};
use crate::http::{Failure, Guard, Route, Visit, Web};

/// Runs that are shown.
const RUNS: i64 = 20;

pub(super) fn operations() -> Vec<Operation> {
    let guard = Guard::Right(Right::SettlementRead);
    let last = object(&[
        ("day", dated()),
        ("usage_points", count()),
        ("read", count()),
        ("estimated", count()),
        ("exceptions", count()),
        ("energy_kwh", decimal("Energy of the day.")),
        ("charges", decimal("Charges of the day.")),
        ("settled_at", moment()),
    ]);
    let run = object(&[
        ("id", ident()),
        ("kind", json!({ "enum": ["daily", "late_readings", "decision"] })),
        ("day_from", dated()),
        ("day_to", dated()),
        ("state", json!({ "enum": ["running", "done", "failed", "stopped"] })),
        ("days_done", count()),
        ("days_total", count()),
        ("message", or_null(&text())),
        ("started_at", moment()),
        ("finished_at", or_null(&moment())),
    ]);
    vec![Operation {
        route: Route::get("/api/v1/settlement", "settlement", guard, status),
        id: "getSettlement",
        summary: "The last settled day, and the latest runs.",
        parameters: Vec::new(),
        body: None,
        answer: object(&[("last_day", or_null(&last)), ("runs", list(&run))]),
    }]
}

async fn status(State(web): State<Web>, visit: Visit) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::SettlementRead).await?;
    let mut tx = web.works.db.read().await?;
    let last = last_settled(&mut tx, org).await?.map(|row| {
        json!({
            "day": row.day.to_string(),
            "usage_points": row.usage_point_count,
            "read": row.read_count,
            "estimated": row.estimated_count,
            "exceptions": row.exception_count,
            "energy_kwh": kwh(row.energy_ukwh),
            "charges": money(row.charge_units),
            "settled_at": row.settled_at.to_string(),
        })
    });
    let newest = Id::from_i64(i64::MAX);
    let runs = runs(&mut tx, org, newest, RUNS).await?.into_iter().map(|run| {
        json!({
            "id": run.id.to_string(),
            "kind": run.kind,
            "day_from": day(Some(run.day_from)),
            "day_to": day(Some(run.day_to)),
            "state": run.state,
            "days_done": run.days_done,
            "days_total": run.days_total,
            "message": run.message,
            "started_at": run.started_at.to_string(),
            "finished_at": run.finished_at.map(|at| at.to_string()),
        })
    });
    Ok(Json(json!({ "last_day": last, "runs": runs.collect::<Vec<_>>() })))
}
