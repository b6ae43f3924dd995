//! The list of bills.

use askama::Template;
use axum::{extract::State, response::Response};
use supply::billing::BillRow;

use super::{bill, dispute, own::Own, shown};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Cell, Column, Empty, Page, Row, Table},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/portal/bills", "billing", Guard::Portal, show),
        Route::get("/portal/bills/{bill}", "billing", Guard::Portal, bill::show),
        Route::get("/portal/bills/{bill}/print", "billing", Guard::Portal, bill::print),
        Route::get("/portal/bills/{bill}/dispute", "billing", Guard::Portal, dispute::ask),
        Route::post("/portal/bills/{bill}/dispute", "billing", Guard::Portal, dispute::open),
    ]
}

#[derive(Template)]
#[template(path = "portal/bills.html")]
struct BillsPage {
    t: Words,
    page: Page,
    table: Table,
}

async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let own = Own::open(&visit, &mut tx).await?;
    let bills = own.bills(&mut tx).await?;
    let many = own.points.len() > 1;
    let code = |bill: &BillRow| {
        let point = own.points.iter().find(|point| point.id == bill.usage_point);
        point.filter(|_| many).map(|point| point.code.clone()).unwrap_or_default()
    };
    let columns = vec![
        Column::text(t.get("portal.month")).main(),
        Column::number(t.get("portal.use")),
        Column::number(t.get("portal.total")),
        Column::text(t.get("portal.due_on")),
    ];
    let rows = bills.iter().map(|bill| {
        let estimated = match bill.estimated_day_count {
            0 => String::new(),
            n => t.with("portal.estimated_days", &[("n", &n)]),
        };
        let href = format!("/portal/bills/{}", bill.id);
        Row::new(vec![
            Cell::link(t.month(bill.period_from), href).note(code(bill)),
            Cell::text(shown::energy(t, bill.energy_ukwh)).note(estimated),
            Cell::text(shown::money(t, &bill.currency, bill.total_units)),
            Cell::text(bill.due_on.map(|day| t.date(day)).unwrap_or_default()),
        ])
    });
    let table = Table::new(t, t.get("portal.bills"), columns)
        .caption_hidden()
        .empty(Empty::new(t.get("portal.home_quiet"), t.get("portal.home_quiet_text")))
        .rows(rows);
    Ok(ok(&BillsPage { t, page: visit.page(t.get("portal.bills")), table }))
}
