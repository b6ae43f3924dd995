//! The plan of rotation: quarters in which verifications end, their batches, whether every meter has
//! its order before the quarter begins, and making the orders of a quarter at once.

use access::Right;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use jiff::ToSpan;
use kernel::Date;
use supply::orders::{Quarter, RotationPlan, plan_rotation, quarter_of, quarters};

use super::{PATH, ROTATION};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk,
        sheet::{Card, Deed, Sheet, paragraph},
    },
    form::Sent,
    i18n::Words,
    ui::{Badge, Cell, Column, Empty, Html, Page, Row, Sign, Table},
};

/// How far ahead the plan looks, in months.
const AHEAD_MONTHS: i32 = 24;

pub(super) async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterRead).await?;
    let t = visit.t();
    let today = desk::today(&visit);
    let (year, number) = quarter_of(today);
    let from = Date::new(year, number * 3 - 2, 1).unwrap_or(today);
    let before = from.checked_add(AHEAD_MONTHS.months()).unwrap_or(today);
    let mut tx = web.works.db.read().await?;
    let all = quarters(&mut tx, org, (from, before)).await?;
    let page = visit.page(t.get("rotation.title")).crumb(t.get("nav.orders"), PATH);
    let cards: Vec<Html> =
        all.iter().map(|quarter| Html::of(&card(&visit, &page, today, quarter))).collect();
    let mut sheet = Sheet::new(page).part(&paragraph(t.get("rotation.lead")));
    if cards.is_empty() {
        sheet = sheet.part(&Empty::new(t.get("rotation.none"), t.get("rotation.none_text")));
    }
    for card in &cards {
        sheet = sheet.part(card);
    }
    Ok(sheet.show())
}

fn card(visit: &Visit, page: &Page, today: Date, quarter: &Quarter) -> Card {
    let t = visit.t();
    let zone = &visit.web().zone;
    let (all, without, done) = quarter.counts();
    let (year, number) = quarter_of(quarter.from);
    let heading = t.with("rotation.quarter", &[("year", &year), ("n", &number)]);
    let sign = match quarter.in_time(today, |at| zone.date_of(at)) {
        Some(true) => Badge::new(Sign::Ok, t.get("rotation.in_time")),
        Some(false) => Badge::new(Sign::Bad, t.get("rotation.late")),
        None => {
            let by = t.with("rotation.by", &[("day", &t.date(quarter.from))]);
            Badge::new(Sign::Warn, by)
        }
    };
    let last = quarter.to.yesterday().unwrap_or(quarter.to);
    let list = desk::address(
        PATH,
        &[
            ("kind", "rotation"),
            ("state", "all"),
            ("from", &quarter.from.to_string()),
            ("to", &last.to_string()),
        ],
    );
    let text = t.with(
        "rotation.counts",
        &[("all", &t.number(all)), ("without", &t.number(without)), ("done", &t.number(done))],
    );
    let said = Html::of(&sign).and(&Html::text(&text)).and(&Html::link(t.get("nav.orders"), &list));
    let mut card = Card::new(&heading).part(&said).part(&batches(t, &heading, quarter));
    if without > 0 && visit.may(Right::MeterWrite) {
        let label = t.with("rotation.make", &[("n", &t.number(without))]);
        let deed = Deed::new(page, ROTATION, &label)
            .primary()
            .hidden("from", quarter.from.to_string())
            .hidden("to", quarter.to.to_string());
        card = card.part(&deed);
    }
    card
}

fn batches(t: Words, heading: &str, quarter: &Quarter) -> Table {
    let rows = quarter.batches.iter().map(|batch| {
        Row::new(vec![
            Cell::text(&batch.model),
            Cell::text(t.date(batch.expires_on)),
            Cell::text(t.number(batch.without + batch.ordered)),
            Cell::text(t.number(batch.ordered)),
            Cell::text(t.number(batch.done)),
            Cell::text(t.number(batch.without)),
        ])
    });
    let columns = vec![
        Column::text(t.get("rotation.batch")).main(),
        Column::text(t.get("rotation.expires")),
        Column::number(t.get("rotation.meters")),
        Column::number(t.get("rotation.ordered")),
        Column::number(t.get("rotation.done")),
        Column::number(t.get("rotation.without")),
    ];
    Table::new(t, heading, columns).caption_hidden().rows(rows)
}

pub(super) async fn plan(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let t = visit.t();
    let days = desk::day(sent.value("from")).zip(desk::day(sent.value("to")));
    let (from, to) = days.ok_or_else(Failure::not_found)?;
    let model = sent.value("model").to_owned();
    let crew = sent.value("crew").to_owned();
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = plan_rotation(&ctx, &mut tx, org, &RotationPlan { from, to, model, crew }).await;
    let made = visit.finish(&ctx, tx, done).await?;
    let made = t.number(i64::try_from(made).unwrap_or(i64::MAX));
    let text = t.with("rotation.made", &[("n", &made)]);
    Ok(visit.go(ROTATION).flash(Sign::Ok, text).into_response())
}
