//! Meters by make and type, and the old ones that are kept in case of doubt.

use access::Right;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use supply::orders::{OrderError, kept_meters, scrap as scrap_meter, stock};

use super::{PATH, STOCK};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk,
        sheet::{Deed, Sheet},
    },
    ui::{Cell, Column, Empty, Html, Row, Sign, Table},
};

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterRead).await?;
    let t = visit.t();
    let today = desk::today(&visit);
    let mut tx = web.works.db.read().await?;
    let rows = stock(&mut tx, org).await?.into_iter().map(|row| {
        let phases = t.with("stock.phases", &[("n", &row.phases)]);
        let counts = [row.in_stock, row.installed, row.removed, row.scrapped];
        let mut cells = vec![Cell::text(&row.model).note(phases)];
        cells.extend(counts.map(|count| Cell::text(t.number(count))));
        Row::new(cells)
    });
    let columns = vec![
        Column::text(t.get("stock.model")).main(),
        Column::number(t.get("stock.in_stock")),
        Column::number(t.get("stock.installed")),
        Column::number(t.get("stock.removed")),
        Column::number(t.get("stock.scrapped")),
    ];
    let none = Empty::new(t.get("stock.none"), t.get("stock.none_text"));
    let by_model = Table::new(t, t.get("stock.by_model"), columns).rows(rows).empty(none);
    let part = desk::part(&asked.after)?;
    let found = kept_meters(&mut tx, org, part.after(), part.limit()).await?;
    let found = part.cut(found, |row| (row.3, String::new()));
    let page = visit.page(t.get("stock.title")).crumb(t.get("nav.orders"), PATH);
    let rows: Vec<Row> = found
        .items
        .iter()
        .map(|(meter, asset_no, model, order, until)| {
            let deed = if today >= *until && visit.may(Right::MeterWrite) {
                let action = format!("{STOCK}/{meter}/scrap");
                Html::of(&Deed::new(&page, &action, t.get("stock.scrap")))
            } else {
                Html::text(t.get("stock.kept"))
            };
            Row::new(vec![
                Cell::link(asset_no, format!("{PATH}/{order}")).note(model.clone()),
                Cell::text(t.date(*until)),
                Cell::part(&deed),
            ])
        })
        .collect();
    let columns = vec![
        Column::text(t.get("orders.meter")).main(),
        Column::text(t.get("orders.kept_until")),
        Column::text(t.get("stock.what_next")),
    ];
    let none = Empty::new(t.get("stock.none_kept"), t.get("stock.none_kept_text"));
    let pager = desk::pager(t, STOCK, rows.len(), &asked.after, found.next.as_deref());
    let kept = Table::new(t, t.get("stock.kept_list"), columns).rows(rows).empty(none);
    Ok(Sheet::new(page).part(&by_model).part(&kept).part(&pager).show())
}

pub(super) async fn scrap(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let (t, id) = (visit.t(), desk::id(&id)?);
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = scrap_meter(&ctx, &mut tx, org, (id, desk::today(&visit))).await;
    if let Err(OrderError::Kept(until)) = &done {
        let text = t.with("stock.kept_until", &[("day", &t.date(*until))]);
        return Ok(visit.go(STOCK).flash(Sign::Bad, text).into_response());
    }
    visit.finish(&ctx, tx, done).await?;
    Ok(visit.go(STOCK).flash(Sign::Ok, t.get("stock.scrapped_one")).into_response())
}
