//! Coverage of automatic reading (集抄覆盖率): how many usage points hang on a concentrator or
//! terminal, by 台区, and the lists of both.

use access::Right;
use axum::{
    extract::{Query, State},
    response::Response,
};
use kernel::Id;
use serde::Deserialize;
use supply::readings::{CoverageRow, coverage, coverage_by_area, covered_points};

use super::{
    desk,
    sheet::{Group, Sheet, paragraph},
    shown,
};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    i18n::Words,
    ui::{Badge, Cell, Column, Empty, Figure, Row, Sign, Table},
};

/// The figures.
pub(super) const PATH: &str = "/console/coverage";
const POINTS: &str = "/console/coverage/points";
const CSV: &str = "/console/coverage/points.csv";
/// Rows of one export.
const EXPORT_MAX: usize = 200_000;

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::ReadingRead);
    vec![
        Route::get(PATH, "supply", read, show),
        Route::get(POINTS, "supply", read, points),
        Route::get(CSV, "supply", Guard::Right(Right::ExportData), csv),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    area: String,
    /// `none`: only those that are not read automatically.
    automatic: String,
    after: String,
}

impl Asked {
    /// 0: all; -1: usage points without a 台区.
    fn area(&self) -> Id {
        Id::from_i64(self.area.parse().unwrap_or(0))
    }

    fn only_uncovered(&self) -> bool {
        self.automatic == "none"
    }

    fn address(&self, path: &str) -> String {
        desk::address(path, &[("area", &self.area), ("automatic", &self.automatic)])
    }
}

async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let (low, low_read, own, own_read) = coverage(&mut tx, org).await?.unwrap_or_default();
    let part = desk::part(&asked.after)?;
    let rows = coverage_by_area(&mut tx, org, part.after_text(), part.limit()).await?;
    let found = part.cut(rows, |row| (row.transformer_area, row.code.clone()));
    let page =
        visit.page(t.get("coverage.title")).crumb(t.get("nav.collection"), "/console/collection");
    let mut sheet = Sheet::new(page).action(t.get("coverage.uncovered"), &none_of(""));
    if visit.may(Right::ExportData) {
        sheet = sheet.action(t.get("desk.csv"), CSV);
    }
    let pager = desk::pager(t, PATH, found.items.len(), &asked.after, found.next.as_deref());
    let target_bp = web.works.rules.targets.coverage_bp;
    Ok(sheet
        .part(&paragraph(t.get("coverage.lead")))
        .part(&figures(t, target_bp, (low, low_read, own, own_read)))
        .part(&areas(t, &found.items))
        .part(&pager)
        .show())
}

/// The list of usage points without automatic reading, of a 台区 (empty: all).
fn none_of(area: &str) -> String {
    desk::address(POINTS, &[("area", area), ("automatic", "none")])
}

fn figures(
    t: Words,
    target_bp: i64,
    (low, low_read, own, own_read): (i64, i64, i64, i64),
) -> Group {
    let target = t.with("collection.target", &[("target", &t.percent(target_bp))]);
    let of = |read: i64, all: i64| {
        t.with("coverage.of", &[("read", &t.number(read)), ("all", &t.number(all))])
    };
    let rate = Figure::new(t.get("coverage.low_voltage"), desk::share(t, low_read, low))
        .note(&format!("{} · {target}", of(low_read, low)));
    let rate = match desk::share_bp(low_read, low) {
        Some(bp) if bp < target_bp => rate.change(Sign::Warn, t.get("desk.below_target")),
        _ => rate,
    };
    Group::figures(&[
        rate,
        Figure::new(t.get("coverage.dedicated"), desk::share(t, own_read, own))
            .note(&of(own_read, own)),
        Figure::new(t.get("coverage.missing"), t.number(low - low_read + own - own_read))
            .href(none_of("")),
    ])
}

fn areas(t: Words, rows: &[CoverageRow]) -> Table {
    let rows = rows.iter().map(|row| {
        let all = row.low_voltage + row.dedicated;
        let automatic = row.low_voltage_automatic + row.dedicated_automatic;
        let sign = if automatic < all { Sign::Warn } else { Sign::Ok };
        let area = match row.transformer_area.get() {
            0 => "-1".to_owned(),
            area => area.to_string(),
        };
        let name =
            if row.name.is_empty() { t.get("desk.no_area").to_owned() } else { row.name.clone() };
        Row::new(vec![
            Cell::link(name, desk::address(POINTS, &[("area", &area)])),
            Cell::part(&Badge::new(sign, desk::share(t, automatic, all))),
            Cell::text(desk::share(t, row.low_voltage_automatic, row.low_voltage)),
            Cell::text(desk::share(t, row.dedicated_automatic, row.dedicated)),
            Cell::text(t.number(all)),
            Cell::link(t.number(all - automatic), none_of(&area)),
        ])
    });
    let columns = vec![
        Column::text(t.get("collection.area")).main(),
        Column::text(t.get("coverage.rate")),
        Column::number(t.get("coverage.low_voltage")),
        Column::number(t.get("coverage.dedicated")),
        Column::number(t.get("coverage.all")),
        Column::number(t.get("coverage.missing")),
    ];
    let none = Empty::new(t.get("coverage.none"), t.get("coverage.none_text"));
    Table::new(t, t.get("coverage.by_area"), columns).rows(rows).empty(none)
}

async fn points(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let part = desk::part(&asked.after)?;
    let (area, only) = (asked.area(), asked.only_uncovered());
    let rows = covered_points(&mut tx, org, area, only, part.after_text(), part.limit()).await?;
    let found = part.cut(rows, |row| (row.usage_point, row.code.clone()));
    let rows = found.items.iter().map(|row| {
        let meter =
            if row.asset_no.is_empty() { t.get("coverage.no_meter") } else { &row.asset_no };
        let by = if row.concentrator.is_empty() {
            Cell::part(&Badge::new(Sign::Warn, t.get("coverage.by_hand")))
        } else {
            Cell::text(&row.concentrator)
        };
        let kind = if row.dedicated { "coverage.dedicated" } else { "coverage.low_voltage" };
        Row::new(vec![
            Cell::text(&row.account_no).note(row.code.clone()),
            Cell::text(&row.area_code),
            Cell::text(t.get(kind)),
            Cell::text(meter),
            by,
        ])
    });
    let columns = vec![
        Column::text(t.get("exceptions.customer")).main(),
        Column::text(t.get("collection.area")),
        Column::text(t.get("coverage.kind")),
        Column::text(t.get("exceptions.meter")),
        Column::text(t.get("coverage.concentrator")),
    ];
    let caption = t.get(if only { "coverage.uncovered" } else { "coverage.points" });
    let none = Empty::new(t.get("coverage.points_none"), t.get("coverage.points_none_text"));
    let table = Table::new(t, caption, columns).caption_hidden().rows(rows).empty(none);
    let pager = desk::pager(
        t,
        &asked.address(POINTS),
        found.items.len(),
        &asked.after,
        found.next.as_deref(),
    );
    let mut sheet = Sheet::new(visit.page(caption).crumb(t.get("coverage.title"), PATH));
    if visit.may(Right::ExportData) {
        sheet = sheet.action(t.get("desk.csv"), &asked.address(CSV));
    }
    Ok(sheet.part(&table).part(&pager).show())
}

async fn csv(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExportData).await?;
    desk::org(&visit, Right::ReadingRead).await?;
    let mut tx = web.works.db.read().await?;
    let (area, only) = (asked.area(), asked.only_uncovered());
    let (mut rows, mut after) = (Vec::new(), String::new());
    while rows.len() < EXPORT_MAX {
        let found = covered_points(&mut tx, org, area, only, &after, store::PAGE_MAX).await?;
        let Some(last) = found.last() else { break };
        after.clone_from(&last.code);
        rows.extend(found.iter().map(|row| {
            let automatic = if row.concentrator.is_empty() { "no" } else { "yes" };
            vec![
                row.area_code.clone(),
                row.account_no.clone(),
                row.code.clone(),
                if row.dedicated { "yes" } else { "no" }.to_owned(),
                row.asset_no.clone(),
                row.concentrator.clone(),
                automatic.to_owned(),
            ]
        }));
    }
    let heading =
        ["area", "account", "usage_point", "dedicated", "meter", "concentrator", "automatic"];
    Ok(shown::csv("automatic-reading.csv", &heading, &rows))
}
