//! The JSON API under `/api/v1`, for programs. They show a key (`Authorization: Bearer …`); errors
//! are problem+json; ids, amounts and energies are strings, so that no reader rounds them; long
//! lists are cut by cursors. Every [`Operation`] carries its own description, from which
//! [`openapi`] makes the document: what is not described cannot be reached.

mod accounts;
mod bills;
mod exceptions;
mod field;
mod head_end;
mod openapi;
mod readings;
mod settlement;
#[cfg(test)]
mod tests;
mod usage;

use access::Right;
use kernel::{Date, FaultKind, Id, format_decimal};
use serde_json::{Value, json};
use store::Page;

use super::{Failure, Route, Visit, Web};

/// One operation of the API: its route and what the document says about it.
pub(super) struct Operation {
    /// Method, path, guard and handler.
    pub route: Route,
    /// Its name in client code.
    pub id: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Its parameters, as OpenAPI writes them.
    pub parameters: Vec<Value>,
    /// What it takes: content type and schema.
    pub body: Option<(&'static str, Value)>,
    /// The schema of its answer.
    pub answer: Value,
}

/// Every operation, in the order of the document.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = accounts::operations();
    all.extend(bills::operations());
    all.extend(usage::operations());
    all.extend(readings::operations());
    all.extend(head_end::operations());
    all.extend(field::operations());
    all.extend(settlement::operations());
    all.extend(exceptions::operations());
    all
}

/// Every route of the API.
pub(super) fn routes() -> Vec<Route> {
    let mut routes: Vec<Route> =
        operations().into_iter().map(|operation| operation.route).collect();
    routes.push(openapi::route());
    routes
}

/// The organisation of the caller, once its right there is sure; a refusal is written down.
async fn allowed(web: &Web, visit: &Visit, right: Right) -> Result<Id, Failure> {
    let org = visit.actor().org();
    let ctx = visit.ctx();
    if let Err(denied) = ctx.require(right, org) {
        access::write_refusals(&ctx, &web.works.db).await?;
        return Err(denied.into());
    }
    Ok(org)
}

/// A parameter that cannot be understood.
fn wrong(name: &str, reason: impl std::fmt::Display) -> Failure {
    Failure::new(FaultKind::Invalid, "api.parameter", format!("{name}: {reason}"))
}

/// A date parameter.
fn date(name: &str, text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| wrong(name, format_args!("{text:?} is no date; write 2026-06-30")))
}

/// A date parameter that may be missing.
fn date_or(name: &str, text: Option<&str>, default: Date) -> Result<Date, Failure> {
    text.map_or(Ok(default), |text| date(name, text))
}

/// An id in a path: what is none names nothing.
fn id(text: &str) -> Result<Id, Failure> {
    text.parse().map_err(|_| Failure::not_found())
}

/// The part of a list that is asked for.
fn page(limit: Option<i64>, cursor: Option<&str>) -> Result<Page, Failure> {
    Ok(Page::new(limit, cursor)?)
}

/// An amount of 1e-4 units as decimal text.
fn money(units: i64) -> String {
    format_decimal(i128::from(units), 4, 2)
}

/// Energy of µkWh as kWh in decimal text.
fn kwh(ukwh: i64) -> String {
    format_decimal(i128::from(ukwh), 6, 0)
}

/// A date as ISO text, or null.
fn day(day: Option<Date>) -> Option<String> {
    day.map(|day| day.to_string())
}

// The pieces of which descriptions are made.

/// A required part of the path.
fn in_path(name: &str, what: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": what,
            "schema": { "type": "string" } })
}

/// A parameter of the query.
fn in_query(name: &str, what: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": "query", "description": what, "schema": schema })
}

/// As [`in_query`], without which the operation is refused.
fn required(mut parameter: Value) -> Value {
    parameter["required"] = json!(true);
    parameter
}

/// The parameters of a list.
fn paging() -> Vec<Value> {
    vec![
        in_query(
            "limit",
            "Rows on one page, 50 unless told.",
            &json!({ "type": "integer", "minimum": 1, "maximum": store::PAGE_MAX }),
        ),
        in_query("cursor", "The `next` of the page before.", &text()),
    ]
}

/// The schema of a text.
fn text() -> Value {
    json!({ "type": "string" })
}

/// The schema of a date.
fn dated() -> Value {
    json!({ "type": "string", "format": "date" })
}

/// The schema of a moment.
fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// The schema of an exact decimal number in a string.
fn decimal(what: &str) -> Value {
    json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$", "description": what })
}

/// The schema of an id.
fn ident() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+$" })
}

/// The schema of a count.
fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// The same or null.
fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// The schema of an object of which every field is always there.
fn object(fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let fields = fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone()));
    let fields: serde_json::Map<String, Value> = fields.collect();
    json!({ "type": "object", "required": names, "properties": fields })
}

/// The schema of a list.
fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// The schema of a page of a list.
fn paged(items: &Value) -> Value {
    object(&[("items", list(items)), ("next", or_null(&text()))])
}
