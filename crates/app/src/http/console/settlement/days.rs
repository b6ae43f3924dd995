//! The last settled days, the runs over them, and starting one.

use access::Right;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::ToSpan;
use kernel::{Date, Id, Money};
use store::Tx;
use supply::settlement::{RunRow, SettledDayRow, last_settled, runs, settled_days};

use super::{PATH, in_hand};
use crate::{
    http::{
        Failure, Visit, Web,
        console::{
            desk::{self, Names},
            sheet::{Card, Deed, Form, Sheet, paragraph},
            shown,
        },
        failure::render,
        form::{Refused, Sent},
        i18n::Words,
        ui::{
            Cell, Chart, ChartKind, Column, Empty, Field, Html, Input, Page, Row, Series, Sign,
            Table,
        },
    },
    work::{SETTLE_DAYS, SettleDays},
};

/// How many days the page shows.
const SHOWN_DAYS: i32 = 30;
/// How many runs of the list are on one page: it stands below the days.
const SHOWN_RUNS: i64 = 15;

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    page(&web, &visit, &asked.after, &Refused::default(), StatusCode::OK).await
}

async fn page(
    web: &Web,
    visit: &Visit,
    after: &str,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, Failure> {
    let org = desk::org(visit, Right::SettlementRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let last = last_settled(&mut tx, org).await?;
    let days = recent(&mut tx, org, last.as_ref()).await?;
    let part = store::Page::new(Some(SHOWN_RUNS), (!after.is_empty()).then_some(after))?;
    let found = runs(&mut tx, org, part.before(), part.limit()).await?;
    let found = part.cut(found, |row| (row.id, String::new()));
    let failed = found.items.first().is_some_and(|run| run.state != "done" && after.is_empty());
    let work = in_hand(visit, &mut tx, org).await?;
    let list = run_list(visit, &mut tx, &found.items).await?;
    let page = visit.page(t.get("nav.settlement")).with_charts();
    let start = start_part(visit, &page, last.as_ref(), failed, refused);
    let mut sheet = Sheet::new(page);
    if !days.is_empty() && visit.may(Right::ExportData) {
        sheet = sheet.action(t.get("desk.csv"), "/console/settlement.csv");
    }
    let shown_runs = found.items.len();
    let mut sheet = sheet.maybe(work).maybe(start);
    if !days.is_empty() {
        sheet = sheet.part(&Card::new("").part(&chart(t, &days)));
    }
    let sheet = sheet.part(&day_list(t, &days)).part(&list).part(&desk::pager(
        t,
        PATH,
        shown_runs,
        after,
        found.next.as_deref(),
    ));
    Ok(render(status, &sheet))
}

async fn recent(
    tx: &mut Tx,
    org: Id,
    last: Option<&SettledDayRow>,
) -> Result<Vec<SettledDayRow>, Failure> {
    let Some(last) = last else { return Ok(Vec::new()) };
    let from = last.day.checked_sub((SHOWN_DAYS - 1).days()).unwrap_or(last.day);
    let to = last.day.tomorrow().unwrap_or(last.day);
    Ok(settled_days(tx, org, from, to).await?)
}

/// Yesterday is what there is to settle; nothing when it is settled already.
fn start_part(
    visit: &Visit,
    page: &Page,
    last: Option<&SettledDayRow>,
    failed: bool,
    refused: &Refused,
) -> Option<Html> {
    let t = visit.t();
    if !visit.may(Right::SettlementRun) {
        return None;
    }
    let yesterday = desk::today(visit).yesterday().ok()?;
    let through = t.with("settlement.through", &[("day", &t.date(yesterday))]);
    let Some(last) = last else {
        let field = Field::new(t, "first", t.get("settlement.first"), Input::Date)
            .required()
            .hint(t.get("settlement.first_hint"))
            .kept(refused);
        let card = Card::new(t.get("settlement.begin"))
            .part(&paragraph(t.get("settlement.begin_text")))
            .part(&Form::new(page, PATH, &through).field(field));
        return Some(Html::of(&card));
    };
    if last.day >= yesterday && !failed {
        return None;
    }
    let label = if failed { t.get("settlement.resume") } else { through.as_str() };
    let text = t.with("settlement.behind", &[("day", &t.date(last.day))]);
    let text = if failed { t.get("settlement.resume_text") } else { text.as_str() };
    let card = Card::new("").part(&paragraph(text)).part(&Deed::new(page, PATH, label).primary());
    Some(Html::of(&card))
}

pub(super) async fn start(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::SettlementRun).await?;
    let t = visit.t();
    let through = desk::today(&visit).yesterday().map_err(|_| Failure::not_found())?;
    let mut tx = web.works.db.read().await?;
    let last = last_settled(&mut tx, org).await?;
    drop(tx);
    let mut check = sent.check(t);
    let first = match &last {
        Some(last) => Some(last.day),
        None => check.parsed("first", str::parse::<Date>),
    };
    if first.is_some_and(|first| first > through) {
        check.wrong("first", t.get("settlement.first_late"));
    }
    if let Some(refused) = check.refused() {
        return page(&web, &visit, "", &refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let asked = SettleDays { first: first.unwrap_or(through), through };
    desk::enqueue(&visit, org, SETTLE_DAYS, &org.to_string(), &asked).await?;
    Ok(visit.go(PATH).flash(Sign::Ok, t.get("settlement.started")).into_response())
}

fn chart(t: Words, days: &[SettledDayRow]) -> Chart {
    let labels = days.iter().map(|row| t.day(row.day)).collect();
    let values = days.iter().map(|row| Some(row.energy_ukwh / 1_000_000)).collect();
    let name = t.get("settlement.energy").to_owned();
    Chart::new(
        t,
        t.get("settlement.energy_by_day"),
        ChartKind::Bar,
        t.get("settlement.day"),
        labels,
    )
    .unit(t.get("unit.kwh"), 0)
    .series(Series { name, values, estimated: Vec::new() })
}

fn day_list(t: Words, days: &[SettledDayRow]) -> Table {
    let columns = vec![
        Column::text(t.get("settlement.day")).main(),
        Column::number(t.get("settlement.points")),
        Column::number(t.get("settlement.read")),
        Column::number(t.get("settlement.estimated")),
        Column::number(t.get("settlement.findings")),
        Column::number(t.get("settlement.energy")),
        Column::number(t.get("settlement.charge")),
    ];
    let rows = days.iter().rev().map(|row| {
        let day = row.day.to_string();
        let findings = desk::address(
            "/console/exceptions",
            &[("severity", "all"), ("from", &day), ("to", &day)],
        );
        Row::new(vec![
            Cell::link(t.date(row.day), format!("{PATH}/{}", row.run)),
            Cell::text(t.number(row.usage_point_count)),
            Cell::link(
                desk::share(t, row.read_count, row.usage_point_count),
                format!("/console/collection?day={day}"),
            ),
            Cell::text(t.number(row.estimated_count)),
            Cell::link(t.number(row.exception_count), findings),
            Cell::text(desk::whole_kwh(t, row.energy_ukwh)),
            Cell::text(t.money(Money::cny(row.charge_units))),
        ])
    });
    let none = Empty::new(t.get("settlement.no_days"), t.get("settlement.no_days_text"));
    Table::new(t, t.get("settlement.days"), columns).rows(rows).empty(none)
}

async fn run_list(visit: &Visit, tx: &mut Tx, found: &[RunRow]) -> Result<Table, Failure> {
    let t = visit.t();
    let mut names = Names::default();
    let mut rows = Vec::with_capacity(found.len());
    for run in found {
        let by = names.person(tx, t, run.started_by).await?;
        let ended = run.finished_at.map_or_else(String::new, |at| {
            t.duration((at.micros() - run.started_at.micros()) / 1_000_000)
        });
        // A resettlement counts as one step, so its days are all done when it is.
        let done = if run.state == "done" { run.days_total } else { run.days_done };
        rows.push(Row::new(vec![
            Cell::link(desk::at(visit, run.started_at), format!("{PATH}/{}", run.id)).note(by),
            Cell::text(t.of("run_kind", &run.kind)),
            Cell::text(span(t, run)),
            Cell::text(format!("{} / {}", t.number(done), t.number(run.days_total))),
            Cell::text(ended),
            Cell::part(&desk::run_state(t, &run.state))
                .note(run.message.clone().filter(|_| run.state == "failed").unwrap_or_default()),
        ]));
    }
    let columns = vec![
        Column::text(t.get("settlement.started_at")).main(),
        Column::text(t.get("settlement.kind")),
        Column::text(t.get("settlement.span")),
        Column::number(t.get("settlement.days_done")),
        Column::text(t.get("settlement.took")),
        Column::text(t.get("settlement.state")),
    ];
    let none = Empty::new(t.get("settlement.no_runs"), t.get("settlement.no_runs_text"));
    Ok(Table::new(t, t.get("settlement.runs"), columns).rows(rows).empty(none))
}

/// The days of a run, both within.
pub(super) fn span(t: Words, run: &RunRow) -> String {
    let last = run.day_to.yesterday().unwrap_or(run.day_to);
    if last <= run.day_from {
        return t.date(run.day_from);
    }
    t.with("settlement.from_to", &[("from", &t.date(run.day_from)), ("to", &t.date(last))])
}

pub(super) async fn export(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExportData).await?;
    desk::org(&visit, Right::SettlementRead).await?;
    let mut tx = web.works.db.read().await?;
    let (from, to) = (Date::constant(2000, 1, 1), Date::constant(9999, 1, 1));
    let rows = settled_days(&mut tx, org, from, to).await?;
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.day.to_string(),
                row.usage_point_count.to_string(),
                row.read_count.to_string(),
                row.estimated_count.to_string(),
                row.exception_count.to_string(),
                shown::csv_kwh(row.energy_ukwh),
                shown::csv_amount(row.charge_units),
            ]
        })
        .collect();
    let heading =
        ["day", "usage_points", "read", "estimated", "findings", "energy_kwh", "charge_yuan"];
    Ok(shown::csv("settled-days.csv", &heading, &rows))
}
