//! The lists behind the figures of reading success: every usage point that was not read in the night
//! of a day, and the 专变 customers among them, the largest last bill first.

use access::Right;
use axum::{
    extract::{Query, State},
    response::Response,
};
use kernel::{Date, Id};
use serde::Deserialize;
use store::Tx;
use supply::{
    readings::{UnreadRow, unread_dedicated, unread_on},
    settlement::last_settled,
};

use super::{desk, sheet::Sheet, shown};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    i18n::Words,
    ui::{Cell, Column, Empty, Row, Table},
};

/// Everybody who was not read on a day.
pub(super) const PATH: &str = "/console/collection/missing";
/// The 专变 customers among them.
pub(super) const DEDICATED: &str = "/console/collection/dedicated";
const CSV: &str = "/console/collection/missing.csv";

/// 专变 customers of the ranked list; a county bureau has some hundreds.
const RANKED: i64 = 2_000;
/// Rows of one export.
const EXPORT_MAX: usize = 100_000;

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::ReadingRead);
    vec![
        Route::get(PATH, "supply", read, show),
        Route::get(DEDICATED, "supply", read, dedicated),
        Route::get(CSV, "supply", Guard::Right(Right::ExportData), csv),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    day: String,
    area: String,
    after: String,
}

impl Asked {
    fn area(&self) -> Id {
        self.area.parse().unwrap_or(Id::from_i64(0))
    }

    async fn day(&self, visit: &Visit, tx: &mut Tx, org: Id) -> Result<Date, Failure> {
        if let Some(day) = desk::day(&self.day) {
            return Ok(day);
        }
        let last = last_settled(tx, org).await?.map(|row| row.day);
        Ok(last.unwrap_or_else(|| desk::today(visit)))
    }
}

async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let day = asked.day(&visit, &mut tx, org).await?;
    let part = desk::part(&asked.after)?;
    let rows = unread_on(&mut tx, org, day, asked.area(), part.after_text(), part.limit()).await?;
    let found = part.cut(rows, |row| (row.usage_point, row.code.clone()));
    let filters = [("day", day.to_string()), ("area", asked.area.clone())];
    let filters = filters.each_ref().map(|(name, value)| (*name, value.as_str()));
    let base = desk::address(PATH, &filters);
    let caption = t.with("unread.title", &[("day", &t.date(day))]);
    let page = visit.page(&caption).crumb(t.get("nav.collection"), "/console/collection");
    let mut sheet = Sheet::new(page);
    if visit.may(Right::ExportData) {
        sheet = sheet.action(t.get("desk.csv"), &desk::address(CSV, &filters));
    }
    let pager = desk::pager(t, &base, found.items.len(), &asked.after, found.next.as_deref());
    Ok(sheet.part(&table(t, &caption, &found.items, false)).part(&pager).show())
}

async fn dedicated(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    desk::org(&visit, Right::BillRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let day = asked.day(&visit, &mut tx, org).await?;
    let rows = unread_dedicated(&mut tx, org, day, RANKED).await?;
    let caption = t.with("unread.dedicated", &[("day", &t.date(day))]);
    let page = visit.page(&caption).crumb(t.get("nav.collection"), "/console/collection");
    Ok(Sheet::new(page).part(&table(t, &caption, &rows, true)).show())
}

fn table(t: Words, caption: &str, rows: &[UnreadRow], with_bill: bool) -> Table {
    let mut columns = vec![
        Column::text(t.get("exceptions.customer")).main(),
        Column::text(t.get("collection.area")),
        Column::text(t.get("exceptions.meter")),
        Column::text(t.get("coverage.concentrator")),
    ];
    if with_bill {
        columns.push(Column::number(t.get("unread.last_bill")));
    }
    columns.push(Column::text(t.get("collection.finding")));
    let rows = rows.iter().map(|row| {
        let note = if row.has_come { t.get("collection.has_come") } else { "" };
        let mut cells = vec![
            Cell::text(&row.account_no).note(row.code.clone()),
            Cell::text(&row.area_name).note(row.area_code.clone()),
            Cell::text(&row.asset_no),
            Cell::text(&row.concentrator),
        ];
        if with_bill {
            cells.push(Cell::text(shown::amount(t, row.last_bill_units)));
        }
        let href = format!("/console/exceptions/{}", row.exception);
        cells.push(Cell::link(t.get("collection.open"), href).note(note));
        Row::new(cells)
    });
    let none = Empty::new(t.get("collection.all_read"), t.get("collection.all_read_text"));
    Table::new(t, caption, columns).caption_hidden().rows(rows).empty(none)
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
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let found = unread_on(&mut tx, org, day, asked.area(), &after, store::PAGE_MAX).await?;
        let Some(last) = found.last() else { break };
        after.clone_from(&last.code);
        rows.extend(found.iter().map(|row| {
            vec![
                day.to_string(),
                row.area_code.clone(),
                row.account_no.clone(),
                row.code.clone(),
                row.asset_no.clone(),
                row.concentrator.clone(),
                if row.dedicated { "yes" } else { "no" }.to_owned(),
                if row.has_come { "yes" } else { "no" }.to_owned(),
            ]
        }));
        if rows.len() >= EXPORT_MAX {
            break;
        }
    }
    let heading = [
        "day",
        "area",
        "account",
        "usage_point",
        "meter",
        "concentrator",
        "dedicated",
        "came_later",
    ];
    Ok(shown::csv(&format!("unread-{day}.csv"), &heading, &rows))
}
