//! Reading success: by 台区 on a day, worst first, and which usage points were not read.

use std::cmp::Reverse;

use access::Right;
use axum::{
    extract::{Query, State},
    response::Response,
};
use jiff::ToSpan;
use kernel::{Date, Id};
use serde::Deserialize;
use store::Tx;
use supply::{
    ReadingTargets,
    readings::{CollectionRow, collection_by_day, collection_on, missing_of_area},
    settlement::last_settled,
};

use super::{
    coverage,
    desk::{self, Names},
    sheet::{Card, FilterBar, Group, Sheet},
    shown, unread,
};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    i18n::Words,
    ui::{
        Badge, Cell, Chart, ChartKind, Column, Empty, Field, Figure, Html, Input, Row, Series,
        Sign, Table,
    },
};

const PATH: &str = "/console/collection";

/// 台区 of a page; a bureau of a county has some hundreds.
const AREAS: i64 = 2_000;

/// Usage points of a list of missing ones.
const MISSING: i64 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    let export = Guard::Right(Right::ExportData);
    vec![
        Route::get(PATH, "supply", Guard::Right(Right::ReadingRead), show),
        Route::get("/console/collection.csv", "supply", export, csv),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    day: String,
    area: String,
}

/// The areas of a day with their names, the worst share first.
async fn areas(
    visit: &Visit,
    tx: &mut Tx,
    org: Id,
    day: Date,
) -> Result<Vec<(String, CollectionRow)>, Failure> {
    let mut names = Names::default();
    let mut all = Vec::new();
    for row in collection_on(tx, org, day, AREAS).await? {
        all.push((names.area(tx, visit.t(), org, row.transformer_area).await?, row));
    }
    all.sort_by_key(|(_, row)| {
        let missing = row.expected_count - row.received_count;
        (desk::share_bp(row.received_count, row.expected_count), Reverse(missing))
    });
    Ok(all)
}

async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let last = last_settled(&mut tx, org).await?.map(|row| row.day);
    let day = desk::day(&asked.day).or(last).unwrap_or_else(|| desk::today(&visit));
    let areas = areas(&visit, &mut tx, org, day).await?;
    let from = day.checked_sub(29.days()).unwrap_or(day);
    let days = collection_by_day(&mut tx, org, from, day.tomorrow().unwrap_or(day)).await?;
    let missing = match asked.area.parse::<Id>() {
        Ok(area) => Some(missing(&visit, &mut tx, org, area, day).await?),
        Err(_) => None,
    };
    let page = visit.page(t.with("collection.title", &[("day", &t.date(day))])).with_charts();
    let field = Field::new(t, "day", t.get("collection.day"), Input::Date)
        .required()
        .value(day.to_string());
    let bar = Html::of(&FilterBar { page: &page, action: PATH, fields: vec![field] });
    let mut sheet = Sheet::new(page);
    if !areas.is_empty() && visit.may(Right::ExportData) {
        sheet = sheet.action(t.get("desk.csv"), &format!("/console/collection.csv?day={day}"));
    }
    sheet = sheet.action(t.get("coverage.title"), coverage::PATH);
    sheet = sheet.part(&bar);
    if let Some((_, expected, received, dedicated, dedicated_read)) =
        days.iter().find(|(on, ..)| *on == day)
    {
        let whole = (*expected, *received, *dedicated, *dedicated_read);
        sheet = sheet.part(&figures(t, day, &web.works.rules.targets, whole));
    }
    let target_bp = web.works.rules.targets.daily_success_bp;
    sheet = sheet.maybe(missing).part(&list(t, day, &areas, target_bp));
    if !days.is_empty() {
        sheet = sheet.part(&Card::new("").part(&chart(t, &days)));
    }
    Ok(sheet.show())
}

fn figures(
    t: Words,
    day: Date,
    targets: &ReadingTargets,
    (expected, received, dedicated, dedicated_read): (i64, i64, i64, i64),
) -> Group {
    let (low, low_read) = (expected - dedicated, received - dedicated_read);
    let unread = desk::address(unread::PATH, &[("day", &day.to_string())]);
    let rate = |read: i64, of: i64, label: &str, target_bp: i64| {
        let target = t.with("collection.target", &[("target", &t.percent(target_bp))]);
        let figure = Figure::new(label, desk::share(t, read, of)).note(&target);
        match desk::share_bp(read, of) {
            Some(bp) if bp < target_bp => figure.change(Sign::Warn, t.get("desk.below_target")),
            _ => figure,
        }
    };
    Group::figures(&[
        rate(received, expected, t.get("collection.rate"), targets.daily_success_bp),
        Figure::new(t.get("collection.expected"), t.number(expected)),
        Figure::new(t.get("collection.missing"), t.number(expected - received)).href(unread),
        rate(low_read, low, t.get("collection.low_voltage"), targets.low_voltage_success_bp),
        rate(
            dedicated_read,
            dedicated,
            t.get("collection.dedicated"),
            targets.dedicated_success_bp,
        )
        .href(format!("{}?day={day}", unread::DEDICATED)),
    ])
}

fn chart(t: Words, days: &[(Date, i64, i64, i64, i64)]) -> Chart {
    let labels = days.iter().map(|(day, ..)| t.day(*day)).collect();
    let values = days.iter().map(|(_, of, read, ..)| desk::share_bp(*read, *of)).collect();
    let name = t.get("collection.rate").to_owned();
    Chart::new(t, t.get("collection.by_day"), ChartKind::Line, t.get("collection.day"), labels)
        .unit("%", 2)
        .series(Series { name, values, estimated: Vec::new() })
}

fn list(t: Words, day: Date, areas: &[(String, CollectionRow)], target_bp: i64) -> Table {
    let rows = areas.iter().map(|(name, row)| {
        let missing = row.expected_count - row.received_count;
        let below =
            desk::share_bp(row.received_count, row.expected_count).is_some_and(|bp| bp < target_bp);
        let rate = desk::share(t, row.received_count, row.expected_count);
        let rate = if below { Badge::new(Sign::Warn, rate) } else { Badge::new(Sign::Ok, rate) };
        let area = row.transformer_area.to_string();
        let href = desk::address(PATH, &[("day", &day.to_string()), ("area", &area)]);
        let missing_cell =
            if missing > 0 { Cell::link(t.number(missing), href) } else { Cell::text(t.number(0)) };
        Row::new(vec![
            Cell::text(name),
            Cell::part(&rate),
            Cell::text(t.number(row.expected_count)),
            Cell::text(t.number(row.received_count)),
            missing_cell,
        ])
    });
    let columns = vec![
        Column::text(t.get("collection.area")).main(),
        Column::text(t.get("collection.rate")),
        Column::number(t.get("collection.expected")),
        Column::number(t.get("collection.received")),
        Column::number(t.get("collection.missing")),
    ];
    let none = Empty::new(t.get("collection.none"), t.get("collection.none_text"));
    Table::new(t, t.get("collection.by_area"), columns).rows(rows).empty(none)
}

/// Which usage points of an area were not read, each with the finding about it.
async fn missing(
    visit: &Visit,
    tx: &mut Tx,
    org: Id,
    area: Id,
    day: Date,
) -> Result<Table, Failure> {
    let t = visit.t();
    let name = Names::default().area(tx, t, org, area).await?;
    let rows = missing_of_area(tx, org, area, day, MISSING).await?.into_iter().map(|row| {
        let note = match &row.decision {
            _ if row.has_come => t.get("collection.has_come"),
            Some(decision) => t.of("finding_decision", decision),
            None => "",
        };
        Row::new(vec![
            Cell::text(&row.account_no),
            Cell::text(&row.code),
            Cell::link(t.get("collection.open"), format!("/console/exceptions/{}", row.exception))
                .note(note),
        ])
    });
    let columns = vec![
        Column::text(t.get("exceptions.customer")).main(),
        Column::text(t.get("exceptions.usage_point")),
        Column::text(t.get("collection.finding")),
    ];
    let none = Empty::new(t.get("collection.all_read"), t.get("collection.all_read_text"));
    let caption = t.with("collection.missing_list", &[("area", &name)]);
    Ok(Table::new(t, caption, columns).rows(rows).empty(none))
}

async fn csv(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExportData).await?;
    desk::org(&visit, Right::ReadingRead).await?;
    let day = desk::day(&asked.day).ok_or_else(Failure::not_found)?;
    let mut tx = web.works.db.read().await?;
    let rows: Vec<Vec<String>> = areas(&visit, &mut tx, org, day)
        .await?
        .into_iter()
        .map(|(name, row)| {
            vec![
                day.to_string(),
                name,
                row.expected_count.to_string(),
                row.received_count.to_string(),
                row.dedicated_expected_count.to_string(),
                row.dedicated_received_count.to_string(),
            ]
        })
        .collect();
    let heading = ["day", "area", "expected", "read", "dedicated_expected", "dedicated_read"];
    Ok(shown::csv(&format!("reading-success-{day}.csv"), &heading, &rows))
}
