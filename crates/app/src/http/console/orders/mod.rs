//! Work orders on meters: the list, one order with its forms, the plan of rotation by quarter, faults
//! and the stock of meters.

mod deeds;
mod fault;
mod list;
mod one;
mod rotation;
mod stock;

use access::Right;

use crate::http::{
    Guard, Route,
    i18n::{Locale, Words},
    ui::{Badge, Choice, Sign},
};
use supply::metering_rules::CodeWords;

/// The list.
pub(super) const PATH: &str = "/console/orders";
const ROTATION: &str = "/console/rotation";
const STOCK: &str = "/console/stock";
const FAULT: &str = "/console/faults/new";

/// How long a decision may take, in seconds: the touched days are settled again at once.
const DECIDE_S: u64 = 120;

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::MeterRead);
    let write = Guard::Right(Right::MeterWrite);
    let edit = Guard::Right(Right::ReadingEdit);
    vec![
        Route::get(PATH, "supply", read, list::show),
        Route::get("/console/orders.csv", "supply", Guard::Right(Right::ExportData), list::csv),
        Route::get("/console/orders/{id}", "supply", read, one::show),
        Route::post("/console/orders/{id}/schedule", "supply", write, deeds::schedule),
        Route::post("/console/orders/{id}/exchange", "supply", write, deeds::exchange),
        Route::post("/console/orders/{id}/cancel", "supply", write, deeds::cancel),
        Route::post("/console/orders/{id}/decide", "supply", edit, deeds::decide)
            .timeout_s(DECIDE_S),
        Route::get(ROTATION, "supply", read, rotation::show),
        Route::post(ROTATION, "supply", write, rotation::plan),
        Route::get(FAULT, "supply", write, fault::form),
        Route::post(FAULT, "supply", write, fault::open),
        Route::get(STOCK, "supply", read, stock::show),
        Route::post("/console/stock/{id}/scrap", "supply", write, stock::scrap),
    ]
}

/// How an order stands.
fn state(t: Words, state: &str) -> Badge {
    let sign = match state {
        "done" => Sign::Ok,
        "cancelled" => Sign::Neutral,
        "exchanged" => Sign::Warn,
        _ => Sign::Info,
    };
    Badge::new(sign, t.of("order_state", state))
}

/// The words of a catalogue's entry; what is not in it any more shows as its code.
fn said<'a>(t: Words, catalogue: &'a [CodeWords], code: &'a str) -> &'a str {
    let known = catalogue.iter().find(|entry| entry.code == code);
    known.map_or(code, |entry| match t.locale() {
        Locale::ZhCn => &entry.zh,
        Locale::En => &entry.en,
    })
}

/// A catalogue as choices.
pub(super) fn catalogue(t: Words, entries: &[CodeWords]) -> Vec<Choice> {
    let choice = |entry: &CodeWords| Choice {
        value: entry.code.clone(),
        label: said(t, entries, &entry.code).to_owned(),
    };
    entries.iter().map(choice).collect()
}
