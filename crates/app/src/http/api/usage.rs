//! Daily use of a usage point.

use access::Right;
use axum::{
    Json,
    extract::{Path, Query, State},
};
use lake::tables::DayMethod;
use registry::premises;
use serde::Deserialize;
use serde_json::{Value, json};
use supply::readings::history;

use super::{
    Operation, allowed, date, dated, decimal, in_path, in_query, kwh, list, money, object,
    required, text, wrong,
};
use crate::http::{Failure, Guard, Route, Visit, Web};

/// The most days of one answer: thirteen months.
const DAYS_MAX: i32 = 400;

pub(super) fn operations() -> Vec<Operation> {
    let guard = Guard::Right(Right::ReadingRead);
    let day = object(&[
        ("day", dated()),
        ("total_kwh", decimal("All buckets together.")),
        ("sharp_kwh", decimal("Sharp peak.")),
        ("peak_kwh", decimal("Peak.")),
        ("flat_kwh", decimal("Flat, and everything under a tariff without time of use.")),
        ("valley_kwh", decimal("Valley.")),
        ("deep_kwh", decimal("Deep valley.")),
        ("export_kwh", decimal("Given to the network.")),
        ("charge", decimal("The charge of the day.")),
        ("method", json!({ "enum": METHODS })),
        ("estimated", json!({ "type": "boolean" })),
    ]);
    vec![Operation {
        route: Route::get("/api/v1/usage-points/{code}/days", "usage", guard, days).timeout_s(60),
        id: "listDays",
        summary: "The settled days of a usage point in [from, to).",
        parameters: vec![
            in_path("code", "The usage point's code."),
            required(in_query("from", "First day.", &dated())),
            required(in_query("to", "First day after the last, at most 400 days later.", &dated())),
        ],
        body: None,
        answer: object(&[("usage_point", text()), ("items", list(&day))]),
    }]
}

const METHODS: [&str; 8] = [
    "none",
    "actual",
    "estimated",
    "spread",
    "intervals",
    "rebucketed",
    "held",
    "intervals_completed",
];

fn method(code: u8) -> &'static str {
    let index = DayMethod::from_code(code) as usize;
    METHODS.get(index).copied().unwrap_or("none")
}

#[derive(Deserialize)]
struct Span {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

async fn days(
    State(web): State<Web>,
    visit: Visit,
    Path(code): Path<String>,
    Query(span): Query<Span>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::ReadingRead).await?;
    let (from, to) = (date("from", &span.from)?, date("to", &span.to)?);
    if from >= to || (to - from).get_days() > DAYS_MAX {
        return Err(wrong("to", format_args!("ask for 1 to {DAYS_MAX} days, not {from} to {to}")));
    }
    let mut tx = web.works.db.read().await?;
    let point = premises::usage_point_by_code(&mut tx, org, &code).await?;
    let point = point.ok_or_else(Failure::not_found)?;
    drop(tx);
    let (days, _) = history(&web.works, org, point.id, (from, to)).await?;
    let items = days.iter().map(|(day, row)| {
        json!({
            "day": day.to_string(),
            "total_kwh": kwh(row.day_ukwh()),
            "sharp_kwh": kwh(row.used[0]),
            "peak_kwh": kwh(row.used[1]),
            "flat_kwh": kwh(row.used[2]),
            "valley_kwh": kwh(row.used[3]),
            "deep_kwh": kwh(row.used[4]),
            "export_kwh": kwh(row.export_ukwh),
            "charge": money(row.charge_day),
            "method": method(row.method),
            "estimated": DayMethod::from_code(row.method).is_estimate(),
        })
    });
    Ok(Json(json!({ "usage_point": point.code, "items": items.collect::<Vec<_>>() })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_keep_their_names() {
        assert_eq!(method(DayMethod::None as u8), "none");
        assert_eq!(method(DayMethod::Spread as u8), "spread");
        assert_eq!(method(DayMethod::Held as u8), "held");
        assert_eq!(method(DayMethod::IntervalsCompleted as u8), "intervals_completed");
    }
}
