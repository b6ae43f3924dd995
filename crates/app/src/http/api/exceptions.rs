//! Open findings of validation.

use access::Right;
use axum::{
    Json,
    extract::{Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};
use supply::readings::{Worklist, worklist};

use super::{
    Operation, allowed, count, date_or, dated, ident, in_query, moment, object, paged, paging,
    text, wrong,
};
use crate::http::{Failure, Guard, Route, Visit, Web};

const SEVERITIES: [&str; 3] = ["note", "warn", "stop"];

pub(super) fn operations() -> Vec<Operation> {
    let guard = Guard::Right(Right::ReadingRead);
    let mut parameters = vec![
        in_query("severity", "Only these.", &json!({ "enum": SEVERITIES })),
        in_query("rule", "Only findings of this rule.", &text()),
        in_query("from", "First day.", &dated()),
        in_query("to", "First day after the last.", &dated()),
    ];
    parameters.extend(paging());
    let item = object(&[
        ("id", ident()),
        ("usage_point", ident()),
        ("account", ident()),
        ("meter", ident()),
        ("day", dated()),
        ("rule", text()),
        ("severity", json!({ "enum": SEVERITIES })),
        ("finding", json!({ "type": "object", "description": "The numbers it was found by." })),
        ("created_at", moment()),
        ("version", count()),
    ]);
    vec![Operation {
        route: Route::get("/api/v1/exceptions", "readings", guard, open),
        id: "listExceptions",
        summary: "Open findings about readings, oldest day first.",
        parameters,
        body: None,
        answer: paged(&item),
    }]
}

#[derive(Deserialize)]
struct Asked {
    severity: Option<String>,
    rule: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

async fn open(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::ReadingRead).await?;
    let severity = asked.severity.unwrap_or_default();
    if !severity.is_empty() && !SEVERITIES.contains(&severity.as_str()) {
        return Err(wrong("severity", format_args!("one of {}", SEVERITIES.join(", "))));
    }
    let all = Worklist::all();
    let filter = Worklist {
        severity,
        rule: asked.rule.unwrap_or_default(),
        from: date_or("from", asked.from.as_deref(), all.from)?,
        to: date_or("to", asked.to.as_deref(), all.to)?,
        ..all
    };
    let page = super::page(asked.limit, asked.cursor.as_deref())?;
    let mut tx = web.works.db.read().await?;
    let found = worklist(&mut tx, org, &filter, &page).await?;
    let items = found.items.iter().map(|row| {
        json!({
            "id": row.id.to_string(),
            "usage_point": row.usage_point.to_string(),
            "account": row.account.to_string(),
            "meter": row.meter.to_string(),
            "day": row.day.to_string(),
            "rule": row.rule,
            "severity": row.severity,
            "finding": serde_json::from_str::<Value>(&row.finding).unwrap_or_default(),
            "created_at": row.created_at.to_string(),
            "version": row.version,
        })
    });
    Ok(Json(json!({ "items": items.collect::<Vec<_>>(), "next": found.next })))
}
