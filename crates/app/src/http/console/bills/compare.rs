//! Why is this bill different from that one: the difference split into causes that add up.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use jiff::ToSpan;
use kernel::Id;
use serde::Deserialize;
use supply::billing::bills_before;
use tariff::{Cause, Comparison, Effect, compare};

use super::{
    super::shown,
    sheet::{self, Sheet},
    show,
};
use crate::http::{
    Failure, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{
        Alert, Cell, Column, Empty, Html, Page, Row, Sign, Tab, Table, Tabs,
        svg::{Move, waterfall},
    },
};

/// With which bill it is compared: `previous`, `last-year`, or an id.
#[derive(Debug, Default, Deserialize)]
pub(super) struct With {
    #[serde(default)]
    with: String,
}

#[derive(Template)]
#[template(path = "console/bills/compare.html")]
struct ComparePage {
    t: Words,
    page: Page,
    tabs: Tabs,
    empty: Option<Empty>,
    answer: Option<Alert>,
    drawing: Html,
    effects: Option<Table>,
    facts: Option<Table>,
    back: String,
}

/// The earlier bill that is asked for.
async fn other(visit: &Visit, web: &Web, sheet: &Sheet, with: &str) -> Result<Option<Id>, Failure> {
    if let Ok(id) = with.parse() {
        return Ok(Some(id));
    }
    let bill = &sheet.bill;
    let mut tx = web.works.db.read().await?;
    let (org, point, from) = (bill.org, bill.usage_point, bill.period_from);
    let mut before = bills_before(&mut tx, org, point, from, 13).await?;
    // Who was supplied here before is another customer.
    before.retain(|old| old.account == bill.account);
    let year_ago = from.checked_sub(1.year()).ok();
    let found = match with {
        "last-year" => before.iter().find(|old| Some(old.period_from) == year_ago),
        _ => before.first(),
    };
    let found = found.map(|old| old.id);
    visit.finish(&visit.ctx(), tx, Ok::<_, Failure>(found)).await
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(name): Path<String>,
    Query(With { with }): Query<With>,
) -> Result<Response, Failure> {
    let t = visit.t();
    let after = sheet::of_visit(&visit, &name).await?;
    let back = format!("/console/bills/{}", after.bill.id);
    let title = t.with("bills.compare_title", &[("no", &after.bill.bill_no)]);
    let mut page = ComparePage {
        t,
        page: show::framed(&visit, &after, title).crumb(&after.bill.bill_no, back.clone()),
        tabs: tabs(t, &back, &with),
        empty: None,
        answer: None,
        drawing: Html::default(),
        effects: None,
        facts: None,
        back,
    };
    let Some(other) = other(&visit, &web, &after, &with).await? else {
        page.empty = Some(Empty::new(t.get("bills.no_other"), t.get("bills.no_other_text")));
        return Ok(ok(&page));
    };
    let before = sheet::of_visit(&visit, &other.to_string()).await?;
    if before.bill.usage_point != after.bill.usage_point {
        return Err(Failure::not_found());
    }
    let comparison = compare(&before.rated, &after.rated)?;
    page.answer = Some(answer(t, &before, &after, &comparison));
    page.drawing = drawing(t, &before, &after, &comparison);
    page.effects = Some(effects(t, &after, &comparison));
    page.facts = Some(facts(t, &before, &after));
    Ok(ok(&page))
}

fn tabs(t: Words, back: &str, with: &str) -> Tabs {
    let tab = |label: &str, word: &str| Tab {
        label: label.to_owned(),
        href: format!("{back}/compare?with={word}"),
        count: None,
        current: with == word || (with.is_empty() && word == "previous"),
    };
    let tabs = vec![
        tab(t.get("bills.with_previous"), "previous"),
        tab(t.get("bills.with_last_year"), "last-year"),
    ];
    Tabs::new(t.get("bills.compare_with"), tabs)
}

/// What moved the bill most, in a sentence that can be read to a customer.
fn answer(t: Words, before: &Sheet, after: &Sheet, comparison: &Comparison) -> Alert {
    let currency = shown::currency(&after.bill.currency);
    let moved = shown::change(t, comparison.difference.units(), currency);
    let places: [(&str, &dyn std::fmt::Display); 3] = [
        ("after", &t.month(after.bill.period_from)),
        ("before", &t.month(before.bill.period_from)),
        ("difference", &moved),
    ];
    let title = t.with("bills.answer", &places);
    let mut strongest: Vec<&Effect> = comparison.effects.iter().collect();
    strongest.sort_by_key(|effect| std::cmp::Reverse(effect.amount.units().unsigned_abs()));
    let say = |effect: &&Effect| {
        let amount = shown::change(t, effect.amount.units(), currency);
        let why = why(t, effect.cause, before, after);
        t.with("bills.because", &[("why", &why), ("amount", &amount)])
    };
    let said: Vec<String> = strongest.iter().take(2).map(say).collect();
    Alert::new(Sign::Info, title).text(&said.join(t.get("bills.and")))
}

/// A cause in words, with the numbers that a customer can check.
fn why(t: Words, cause: Cause, before: &Sheet, after: &Sheet) -> String {
    let (a, b) = (&before.bill, &after.bill);
    match cause {
        Cause::Days => {
            t.with("bills.why.days", &[("before", &a.day_count), ("after", &b.day_count)])
        }
        Cause::Volume => t.with(
            "bills.why.volume",
            &[
                ("before", &shown::kwh_per_day(t, a.energy_ukwh, a.day_count)),
                ("after", &shown::kwh_per_day(t, b.energy_ukwh, b.day_count)),
            ],
        ),
        Cause::Estimation => t.with(
            "bills.why.estimation",
            &[
                ("before", &shown::kwh(t, a.estimated_ukwh)),
                ("after", &shown::kwh(t, b.estimated_ukwh)),
            ],
        ),
        Cause::TimeOfUse => t.get("bills.why.time_of_use").to_owned(),
        Cause::Tier => t.get("bills.why.tier").to_owned(),
        Cause::Price => t.get("bills.why.price").to_owned(),
        Cause::Season => t.get("bills.why.season").to_owned(),
        Cause::Surcharges => t.get("bills.why.surcharges").to_owned(),
        Cause::OtherEnergy => t.get("bills.why.other_energy").to_owned(),
        Cause::Demand => t.get("bills.why.demand").to_owned(),
        Cause::PowerFactor => t.get("bills.why.power_factor").to_owned(),
        Cause::Fixed => t.get("bills.why.fixed").to_owned(),
        Cause::Adjustment => t.get("bills.why.adjustment").to_owned(),
        Cause::Rounding => t.get("bills.why.rounding").to_owned(),
    }
}

fn drawing(t: Words, before: &Sheet, after: &Sheet, comparison: &Comparison) -> Html {
    let currency = shown::currency(&after.bill.currency);
    let moves: Vec<Move> = comparison
        .effects
        .iter()
        .map(|effect| Move {
            label: shown::label(t, &effect.label).to_owned(),
            text: shown::change(t, effect.amount.units(), currency),
            value: effect.amount.units(),
        })
        .collect();
    let end = |sheet: &Sheet| Move {
        label: t.month(sheet.bill.period_from),
        text: shown::money(t, &sheet.bill, sheet.bill.total_units),
        value: sheet.bill.total_units,
    };
    waterfall(t.get("bills.waterfall"), &end(before), &moves, &end(after))
}

fn effects(t: Words, after: &Sheet, comparison: &Comparison) -> Table {
    let columns = vec![
        Column::text(t.get("bills.cause")).main(),
        Column::text(t.get("bills.meaning")),
        Column::number(t.get("bills.amount")),
    ];
    let currency = shown::currency(&after.bill.currency);
    let rows = comparison.effects.iter().map(|effect| {
        let word = serde_json::to_value(effect.cause).unwrap_or_default();
        let meaning = t.of("trade.bill_cause", word.as_str().unwrap_or_default()).to_owned();
        Row::new(vec![
            Cell::text(shown::label(t, &effect.label)),
            Cell::text(meaning),
            Cell::text(shown::change(t, effect.amount.units(), currency)),
        ])
    });
    let total = Row::new(vec![
        Cell::text(t.get("bills.difference")),
        Cell::text(t.get("bills.adds_up")),
        Cell::text(shown::change(t, comparison.difference.units(), currency)),
    ]);
    Table::new(t, t.get("bills.effects"), columns).rows(rows).rows([total.total()])
}

fn facts(t: Words, before: &Sheet, after: &Sheet) -> Table {
    let head = |sheet: &Sheet| Column::number(t.month(sheet.bill.period_from));
    let columns = vec![Column::text(t.get("bills.fact")).main(), head(before), head(after)];
    let row = |label: &str, value: &dyn Fn(&Sheet) -> String| {
        Row::new(vec![Cell::text(label), Cell::text(value(before)), Cell::text(value(after))])
    };
    let price = |sheet: &Sheet| {
        show::average_price(t, sheet.bill.total_units, sheet.bill.energy_ukwh).unwrap_or_default()
    };
    let rows = [
        row(t.get("bills.total"), &|sheet| shown::amount(t, sheet.bill.total_units)),
        row(t.get("bills.energy_kwh"), &|sheet| shown::kwh(t, sheet.bill.energy_ukwh)),
        row(t.get("bills.day_count"), &|sheet| t.number(sheet.bill.day_count)),
        row(t.get("bills.per_day_kwh"), &|sheet| {
            shown::kwh_per_day(t, sheet.bill.energy_ukwh, sheet.bill.day_count)
        }),
        row(t.get("bills.estimated_days"), &|sheet| t.number(sheet.bill.estimated_day_count)),
        row(t.get("bills.estimated_kwh"), &|sheet| shown::kwh(t, sheet.bill.estimated_ukwh)),
        row(t.get("bills.average_price"), &price),
    ];
    let number = |sheet: &Sheet| {
        Cell::link(&sheet.bill.bill_no, format!("/console/bills/{}", sheet.bill.id))
    };
    let numbers = Row::new(vec![Cell::text(t.get("bills.number")), number(before), number(after)]);
    Table::new(t, t.get("bills.facts"), columns).rows(rows).rows([numbers])
}
