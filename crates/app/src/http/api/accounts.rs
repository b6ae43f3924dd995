//! Customers found by anything that is known of them, and one account with what it is supplied
//! with; personal data masked.

use access::Right;
use axum::{
    Json,
    extract::{Path, Query, State},
};
use kernel::{Currency, Id};
use registry::{account_page, premises, search::search};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;
use supply::ledger::{Party, balance};

use super::{
    Operation, allowed, day, decimal, ident, in_path, in_query, list, money, object, or_null,
    required, text,
};
use crate::http::{Failure, Guard, Route, Visit, Web};

pub(super) fn operations() -> Vec<Operation> {
    let guard = Guard::Right(Right::CustomerRead);
    vec![
        Operation {
            route: Route::get("/api/v1/customers", "customers", guard, find),
            id: "findCustomers",
            summary: "Find usage points by account number, name, phone, meter, code or address.",
            parameters: vec![required(in_query("q", "What is known, best first.", &text()))],
            body: None,
            answer: object(&[("items", list(&hit())), ("more", json!({ "type": "boolean" }))]),
        },
        Operation {
            route: Route::get("/api/v1/accounts/{account_no}", "customers", guard, one),
            id: "getAccount",
            summary: "One account by its number, with its usage points and balance.",
            parameters: vec![in_path("account_no", "The account number.")],
            body: None,
            answer: account(),
        },
    ]
}

fn hit() -> Value {
    object(&[
        ("usage_point", ident()),
        ("code", text()),
        ("account", ident()),
        ("account_no", text()),
        ("name", json!({ "type": "string", "description": "Masked for persons." })),
        ("address", json!({ "type": "string", "description": "Masked." })),
        ("class", text()),
        ("closed_on", or_null(&super::dated())),
        ("matched_by", text()),
    ])
}

fn account() -> Value {
    let point = object(&[
        ("id", ident()),
        ("code", text()),
        ("class", text()),
        ("voltage", text()),
        ("address", json!({ "type": "string", "description": "Masked." })),
        ("transformer_area", or_null(&text())),
        ("opened_on", super::dated()),
        ("closed_on", or_null(&super::dated())),
    ]);
    object(&[
        ("id", ident()),
        ("account_no", text()),
        ("name", json!({ "type": "string", "description": "Masked for persons." })),
        ("opened_on", super::dated()),
        ("closed_on", or_null(&super::dated())),
        ("owed", decimal("What issued bills leave to pay; negative for a credit.")),
        ("currency", text()),
        ("usage_points", list(&point)),
    ])
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

async fn find(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::CustomerRead).await?;
    if asked.q.trim().is_empty() {
        return Err(super::wrong("q", "write what is known of the customer"));
    }
    let mut tx = web.works.db.read().await?;
    let found = search(&visit.ctx(), &mut tx, org, asked.q.trim()).await?;
    let items = found.hits.iter().map(|hit| {
        json!({
            "usage_point": hit.usage_point.to_string(),
            "code": hit.code,
            "account": hit.account.to_string(),
            "account_no": hit.account_no,
            "name": hit.name,
            "address": hit.address,
            "class": hit.class,
            "closed_on": day(hit.closed_on),
            "matched_by": hit.matched_by,
        })
    });
    Ok(Json(json!({ "items": items.collect::<Vec<_>>(), "more": found.more })))
}

/// The id of an account of the caller's organisation.
pub(super) async fn account_of(tx: &mut Tx, org: Id, account_no: &str) -> Result<Id, Failure> {
    let account = premises::account_by_no(tx, org, account_no).await?;
    account.map(|account| account.id).ok_or_else(Failure::not_found)
}

async fn one(
    State(web): State<Web>,
    visit: Visit,
    Path(account_no): Path<String>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::CustomerRead).await?;
    let mut tx = web.works.db.read().await?;
    let id = account_of(&mut tx, org, &account_no).await?;
    let page = account_page(&visit.ctx(), &mut tx, org, id).await?;
    let owed = balance(&mut tx, org, Party::receivable(id), Currency::default()).await?.owed;
    let view = page.accounts.first().ok_or_else(Failure::not_found)?;
    let points = view.usage_points.iter().map(|point| {
        let row = &point.usage_point;
        json!({
            "id": row.id.to_string(),
            "code": row.code,
            "class": row.class,
            "voltage": row.voltage,
            "address": point.address,
            "transformer_area": point.supply.as_ref().map(|path| path.area.code.clone()),
            "opened_on": row.opened_on.to_string(),
            "closed_on": day(row.closed_on),
        })
    });
    Ok(Json(json!({
        "id": id.to_string(),
        "account_no": view.account.account_no,
        "name": page.person.name,
        "opened_on": view.account.opened_on.to_string(),
        "closed_on": day(view.account.closed_on),
        "owed": money(owed.units()),
        "currency": owed.currency().code(),
        "usage_points": points.collect::<Vec<_>>(),
    })))
}
