//! Bills of an account, and one bill with every line and its arithmetic.

use access::Right;
use axum::{
    Json,
    extract::{Path, Query, State},
};
use kernel::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use supply::billing::{BillRow, bill_by_id, bills_of_account, lines_of_bill};

use super::{
    Operation, accounts::account_of, allowed, count, dated, day, decimal, id, ident, in_path, kwh,
    list, moment, money, object, or_null, paged, paging, text,
};
use crate::http::{Failure, Guard, Route, Visit, Web};

pub(super) fn operations() -> Vec<Operation> {
    let guard = Guard::Right(Right::BillRead);
    let mut parameters = vec![in_path("account_no", "The account number.")];
    parameters.extend(paging());
    let mut one_bill = bill();
    one_bill["properties"]["lines"] = list(&json!({
        "type": "object",
        "description": "Kind, label in both languages, quantity, rate, amount, formula in words \
            and numbers, rule, source and the operands from which the amount can be recomputed.",
    }));
    if let Some(required) = one_bill["required"].as_array_mut() {
        required.push(json!("lines"));
    }
    vec![
        Operation {
            route: Route::get("/api/v1/accounts/{account_no}/bills", "bills", guard, of_account),
            id: "listBills",
            summary: "The bills of an account, latest period first, without replaced ones.",
            parameters,
            body: None,
            answer: paged(&bill()),
        },
        Operation {
            route: Route::get("/api/v1/bills/{bill}", "bills", guard, one),
            id: "getBill",
            summary: "One bill with its lines and their arithmetic.",
            parameters: vec![in_path("bill", "The bill's id.")],
            body: None,
            answer: one_bill,
        },
    ]
}

fn bill() -> Value {
    object(&[
        ("id", ident()),
        ("bill_no", text()),
        ("account", ident()),
        ("usage_point", ident()),
        ("period_from", dated()),
        (
            "period_to",
            json!({ "type": "string", "format": "date", "description": "The first day after." }),
        ),
        ("state", json!({ "enum": ["review", "ready", "issued", "replaced"] })),
        ("sequence", count()),
        ("replaces", or_null(&ident())),
        ("currency", text()),
        ("total", decimal("What is to be paid.")),
        ("energy_kwh", decimal("Active energy.")),
        ("days", count()),
        ("estimated_days", count()),
        ("due_on", or_null(&dated())),
        ("issued_at", or_null(&moment())),
    ])
}

fn bill_json(bill: &BillRow) -> Value {
    json!({
        "id": bill.id.to_string(),
        "bill_no": bill.bill_no,
        "account": bill.account.to_string(),
        "usage_point": bill.usage_point.to_string(),
        "period_from": bill.period_from.to_string(),
        "period_to": bill.period_to.to_string(),
        "state": bill.state,
        "sequence": bill.sequence,
        "replaces": bill.replaces.map(|id| id.to_string()),
        "currency": bill.currency,
        "total": money(bill.total_units),
        "energy_kwh": kwh(bill.energy_ukwh),
        "days": bill.day_count,
        "estimated_days": bill.estimated_day_count,
        "due_on": day(bill.due_on),
        "issued_at": bill.issued_at.map(|at| at.to_string()),
    })
}

#[derive(Deserialize)]
struct Part {
    limit: Option<i64>,
    cursor: Option<String>,
}

/// More bills of one period than this has no account.
const PERIOD_MAX: i64 = 10_000;

async fn of_account(
    State(web): State<Web>,
    visit: Visit,
    Path(account_no): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::BillRead).await?;
    let page = super::page(part.limit, None)?;
    let end = Date::constant(9999, 12, 31);
    let before = super::date_or("cursor", part.cursor.as_deref(), end)?;
    let mut tx = web.works.db.read().await?;
    let account = account_of(&mut tx, org, &account_no).await?;
    let mut bills = bills_of_account(&mut tx, org, account, before, page.limit()).await?;
    let full = i64::try_from(bills.len()).is_ok_and(|n| n == page.limit());
    if full && bills.iter().all(|bill| bill.period_from == bills[0].period_from) {
        bills = bills_of_account(&mut tx, org, account, before, PERIOD_MAX).await?;
    }
    let next = full.then(|| cut(&mut bills)).flatten();
    let items: Vec<Value> = bills.iter().map(bill_json).collect();
    Ok(Json(json!({ "items": items, "next": day(next) })))
}

/// Cuts a full page after its last whole period, as the cursor is a day: the next page begins
/// before it. None when there is one period only, which is whole.
fn cut(bills: &mut Vec<BillRow>) -> Option<Date> {
    let first = bills.first()?.period_from;
    let last = bills.last()?.period_from;
    if first == last {
        return None;
    }
    bills.retain(|bill| bill.period_from != last || bill.period_from == first);
    bills.last().map(|bill| bill.period_from)
}

async fn one(
    State(web): State<Web>,
    visit: Visit,
    Path(named): Path<String>,
) -> Result<Json<Value>, Failure> {
    let org = allowed(&web, &visit, Right::BillRead).await?;
    let mut tx = web.works.db.read().await?;
    let bill = bill_by_id(&mut tx, org, id(&named)?).await?.ok_or_else(Failure::not_found)?;
    let mut lines = Vec::new();
    for row in lines_of_bill(&mut tx, org, bill.id).await? {
        let line: Value = serde_json::from_str(&row.line).map_err(|error| {
            let place = format!("line {} of bill {}: {error}", row.seq, bill.bill_no);
            Failure::new(kernel::FaultKind::Corrupt, "api.bill_line", place)
        })?;
        lines.push(line);
    }
    let mut answer = bill_json(&bill);
    answer["lines"] = json!(lines);
    Ok(Json(answer))
}
