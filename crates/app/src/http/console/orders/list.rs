//! The list of work orders, to be worked off, printed and exported.

use access::Right;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use store::Page as Part;
use supply::{
    metering_rules::CodeWords,
    orders::{ListedOrder, OrderFilter, order_list},
};

use super::{FAULT, PATH, ROTATION, STOCK, said, state};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk,
        sheet::{FilterBar, Sheet},
        shown,
    },
    i18n::Words,
    ui::{Cell, Column, Empty, Field, Html, Input, Row, Table},
};

const KINDS: [&str; 2] = ["rotation", "fault"];
const STATES: [&str; 6] = ["waiting", "open", "assigned", "exchanged", "done", "cancelled"];
/// The most rows of one export; what is beyond is reached by a narrower filter.
const EXPORT_MAX: usize = 50_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
    state: String,
    words: String,
    from: String,
    to: String,
    after: String,
}

impl Asked {
    /// Without a state, what waits; `all` means all.
    fn filter(&self) -> OrderFilter {
        let all = OrderFilter::waiting();
        let end = desk::day(&self.to).and_then(|day| day.tomorrow().ok());
        let state = match self.state.as_str() {
            "" => all.state.clone(),
            "all" => String::new(),
            state => state.to_owned(),
        };
        OrderFilter {
            kind: self.kind.clone(),
            state,
            words: self.words.clone(),
            from: desk::day(&self.from).unwrap_or(all.from),
            to: end.unwrap_or(all.to),
        }
    }

    fn address(&self, path: &str) -> String {
        let filters = [
            ("kind", self.kind.as_str()),
            ("state", &self.state),
            ("words", &self.words),
            ("from", &self.from),
            ("to", &self.to),
        ];
        desk::address(path, &filters)
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let part = desk::part(&asked.after)?;
    let found = order_list(&mut tx, org, &asked.filter(), &part).await?;
    let kinds = &web.works.rules.metering.fault.kind;
    let rows = found.items.iter().map(|order| row(t, kinds, order));
    let columns = vec![
        Column::text(t.get("orders.meter")).main(),
        Column::text(t.get("orders.kind")),
        Column::text(t.get("orders.place")),
        Column::text(t.get("orders.due")),
        Column::text(t.get("orders.planned")),
        Column::text(t.get("orders.state")),
    ];
    let empty = Empty::new(t.get("orders.none"), t.get("orders.none_text"))
        .action(t.get("rotation.title"), ROTATION);
    let list = Table::new(t, t.get("orders.list"), columns).rows(rows).empty(empty);
    let page = visit.page(t.get("nav.orders"));
    let bar = Html::of(&FilterBar { page: &page, action: PATH, fields: fields(t, &asked) });
    let shown = found.items.len();
    let pager = desk::pager(t, &asked.address(PATH), shown, &asked.after, found.next.as_deref());
    let mut sheet = Sheet::new(page)
        .action(t.get("rotation.title"), ROTATION)
        .action(t.get("stock.title"), STOCK);
    if visit.may(Right::MeterWrite) {
        sheet = sheet.action(t.get("fault.report"), FAULT);
    }
    if visit.may(Right::ExportData) {
        sheet = sheet.action(t.get("desk.csv"), &asked.address("/console/orders.csv"));
    }
    Ok(sheet.part(&bar).part(&list).part(&pager).show())
}

fn fields(t: Words, asked: &Asked) -> Vec<Field> {
    let named = |group: &'static str, words: &[&str]| {
        let pair = |word: &&str| ((*word).to_owned(), t.of(group, word).to_owned());
        words.iter().map(pair).collect::<Vec<_>>()
    };
    let mut states = desk::choices(t.of("order_state", "all"), named("order_state", &STATES));
    if let Some(all) = states.first_mut() {
        "all".clone_into(&mut all.value);
    }
    vec![
        Field::new(t, "words", t.get("orders.words"), Input::Search).required().value(&asked.words),
        Field::new(t, "kind", t.get("orders.kind"), Input::Select)
            .required()
            .choices(desk::choices(t.get("orders.every_kind"), named("order_kind", &KINDS)))
            .value(&asked.kind),
        Field::new(t, "state", t.get("orders.state"), Input::Select)
            .required()
            .choices(states)
            .value(if asked.state.is_empty() { "waiting" } else { &asked.state }),
        Field::new(t, "from", t.get("desk.from"), Input::Date).required().value(&asked.from),
        Field::new(t, "to", t.get("desk.to"), Input::Date).required().value(&asked.to),
    ]
}

fn row(t: Words, kinds: &[CodeWords], order: &ListedOrder) -> Row {
    let planned = order.planned_on.map_or_else(|| "–".to_owned(), |day| t.date(day));
    Row::new(vec![
        Cell::link(&order.asset_no, format!("{PATH}/{}", order.id)).note(order.model.clone()),
        Cell::text(t.of("order_kind", &order.kind)).note(said(t, kinds, &order.code)),
        Cell::text(&order.address).note(format!("{} · {}", order.account_no, order.area_name)),
        Cell::text(t.date(order.due_on)),
        Cell::text(planned).note(order.crew.clone()),
        Cell::part(&state(t, &order.state)),
    ])
}

pub(super) async fn csv(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExportData).await?;
    desk::org(&visit, Right::MeterRead).await?;
    let mut tx = web.works.db.read().await?;
    let (filter, mut rows, mut cursor) = (asked.filter(), Vec::new(), None::<String>);
    loop {
        let part = Part::new(Some(store::PAGE_MAX), cursor.as_deref())?;
        let found = order_list(&mut tx, org, &filter, &part).await?;
        rows.extend(found.items.into_iter().map(|order| {
            let day = |day: Option<kernel::Date>| day.map_or_else(String::new, |d| d.to_string());
            vec![
                order.id.to_string(),
                order.kind,
                order.code,
                order.state,
                order.asset_no,
                order.model,
                order.account_no,
                order.point_code,
                order.area_name,
                order.address,
                order.due_on.to_string(),
                day(order.planned_on),
                order.crew,
                order.new_asset_no,
                order.decision.unwrap_or_default(),
            ]
        }));
        cursor = found.next;
        if cursor.is_none() || rows.len() >= EXPORT_MAX {
            break;
        }
    }
    let heading = [
        "order",
        "kind",
        "fault",
        "state",
        "meter",
        "model",
        "account",
        "usage_point",
        "area",
        "address",
        "due_on",
        "planned_on",
        "crew",
        "new_meter",
        "decision",
    ];
    Ok(shown::csv("meter-orders.csv", &heading, &rows))
}
