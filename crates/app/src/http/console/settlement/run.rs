//! One run: what was asked, how far it is or how it ended, and what late readings changed.

use access::Right;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use kernel::{Currency, Id};
use store::{Page as Part, Tx};
use supply::settlement::{ResettlementRow, RunRow, resettlements_of_run, run_by_id};

use super::{PATH, days::span};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        resettled,
        sheet::{Card, Sheet},
        shown,
    },
    ui::{Cell, Column, Definitions, Empty, Html, Progress, Row, Sign, Table},
};

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::SettlementRead).await?;
    let (t, id) = (visit.t(), desk::id(&id)?);
    let mut tx = web.works.db.read().await?;
    let run = run_by_id(&mut tx, org, id).await?.ok_or_else(Failure::not_found)?;
    let part = desk::part(&asked.after)?;
    let found = resettlements_of_run(&mut tx, org, id, part.after(), part.limit()).await?;
    let found = part.cut(found, |row| (row.id, String::new()));
    let facts = facts(&visit, &mut tx, &run).await?;
    let list = changes(&visit, &mut tx, org, &found.items).await?;
    let title = t.with("settlement.run_title", &[("days", &span(t, &run))]);
    let mut sheet = Sheet::new(visit.page(title).crumb(t.get("nav.settlement"), PATH));
    if !found.items.is_empty() && visit.may(Right::ExportData) {
        sheet = sheet.action(t.get("desk.csv"), &format!("{PATH}/{id}/changes.csv"));
    }
    let base = format!("{PATH}/{id}");
    let pager = desk::pager(t, &base, found.items.len(), &asked.after, found.next.as_deref());
    sheet = sheet.part(&facts);
    let daily = run.kind == "daily" && found.items.is_empty();
    Ok(if daily { sheet.show() } else { sheet.part(&list).part(&pager).show() })
}

async fn facts(visit: &Visit, tx: &mut Tx, run: &RunRow) -> Result<Card, Failure> {
    let t = visit.t();
    let by = Names::default().person(tx, t, run.started_by).await?;
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let sign = match run.state.as_str() {
        "done" => Sign::Ok,
        "failed" => Sign::Bad,
        _ => Sign::Info,
    };
    let done = if run.state == "done" { run.days_total } else { run.days_done };
    let bar =
        Progress::new(t, "run", t.get("settlement.days_done"), count(done), count(run.days_total))
            .sign(sign)
            .note(run.message.clone().unwrap_or_default());
    let mut list = Definitions::new()
        .text(t.get("settlement.kind"), t.of("run_kind", &run.kind))
        .html(t.get("settlement.state"), Html::of(&desk::run_state(t, &run.state)))
        .text(t.get("settlement.started_by"), &by)
        .text(t.get("settlement.started_at"), &desk::at(visit, run.started_at));
    if let Some(at) = run.finished_at {
        let seconds = (at.micros() - run.started_at.micros()) / 1_000_000;
        list = list
            .text(t.get("settlement.finished_at"), &desk::at(visit, at))
            .text(t.get("settlement.took"), &t.duration(seconds));
    }
    Ok(Card::new("").part(&bar).part(&list))
}

async fn changes(
    visit: &Visit,
    tx: &mut Tx,
    org: Id,
    found: &[ResettlementRow],
) -> Result<Table, Failure> {
    let t = visit.t();
    let mut names = Names::default();
    let mut rows = Vec::with_capacity(found.len());
    for change in found {
        let (code, account_no, account) = names.point(tx, org, change.usage_point).await?;
        let customer = match account {
            Some(account) => Cell::link(account_no, format!("/console/customers/{account}")),
            None => Cell::text(account_no),
        };
        let difference = change.charge_after_units - change.charge_before_units;
        rows.push(Row::new(vec![
            customer.note(code),
            Cell::text(t.date(change.day)),
            Cell::text(shown::kwh_figure(t, change.energy_before_ukwh)),
            Cell::text(shown::kwh_figure(t, change.energy_after_ukwh)),
            Cell::text(shown::amount(t, change.charge_before_units)),
            Cell::text(shown::amount(t, change.charge_after_units)),
            Cell::text(shown::change(t, difference, Currency::Cny))
                .note(resettled::beside(t, change)),
        ]));
    }
    let columns = vec![
        Column::text(t.get("exceptions.customer")).main(),
        Column::text(t.get("exceptions.day")),
        Column::number(t.get("exceptions.energy_before")),
        Column::number(t.get("exceptions.energy_after")),
        Column::number(t.get("exceptions.charge_before")),
        Column::number(t.get("exceptions.charge_after")),
        Column::number(t.get("exceptions.change")),
    ];
    let none = Empty::new(t.get("settlement.no_changes"), t.get("settlement.no_changes_text"));
    Ok(Table::new(t, t.get("settlement.changes"), columns).rows(rows).empty(none))
}

pub(super) async fn export(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExportData).await?;
    desk::org(&visit, Right::SettlementRead).await?;
    let id = desk::id(&id)?;
    let mut tx = web.works.db.read().await?;
    run_by_id(&mut tx, org, id).await?.ok_or_else(Failure::not_found)?;
    let (mut names, mut rows, mut cursor) = (Names::default(), Vec::new(), None::<String>);
    loop {
        let part = Part::new(Some(store::PAGE_MAX), cursor.as_deref())?;
        let found = resettlements_of_run(&mut tx, org, id, part.after(), part.limit()).await?;
        let found = part.cut(found, |row| (row.id, String::new()));
        for change in &found.items {
            let (code, account_no, _) = names.point(&mut tx, org, change.usage_point).await?;
            rows.push(vec![
                account_no,
                code,
                change.day.to_string(),
                shown::csv_kwh(change.energy_before_ukwh),
                shown::csv_kwh(change.energy_after_ukwh),
                shown::csv_amount(change.charge_before_units),
                shown::csv_amount(change.charge_after_units),
            ]);
        }
        cursor = found.next;
        if cursor.is_none() {
            break;
        }
    }
    let heading = [
        "account",
        "usage_point",
        "day",
        "energy_before_kwh",
        "energy_after_kwh",
        "charge_before_yuan",
        "charge_after_yuan",
    ];
    Ok(shown::csv("changes.csv", &heading, &rows))
}
