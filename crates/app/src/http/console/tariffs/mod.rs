//! Tariffs: the published documents by code, one version with its windows and prices, and
//! publishing another.

mod list;
mod one;
mod prices;
mod publish;
mod windows;

use access::Right;
use supply::tariffs::TariffRow;
use tariff::Confidence;

use crate::http::{
    Guard, Route,
    i18n::Words,
    ui::{Badge, Sign},
};

const PATH: &str = "/console/tariffs";

/// A document is text; the longest of ours has 40 kB.
const DOCUMENT_MAX: usize = 1024 * 1024;

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::TariffRead);
    let publish = Guard::Right(Right::TariffPublish);
    vec![
        Route::get(PATH, "supply", read, list::show),
        Route::get("/console/tariffs/publish", "supply", publish, publish::show),
        Route::post("/console/tariffs/publish", "supply", publish, publish::publish)
            .body_limit(DOCUMENT_MAX),
        Route::get("/console/tariffs/{id}", "supply", read, one::show),
        Route::get("/console/tariffs/{id}/document.toml", "supply", read, one::document),
    ]
}

/// From when to when a document is in force, both days within.
fn validity(t: Words, row: &TariffRow) -> String {
    let Some(from) = row.valid_from else { return "–".to_owned() };
    match row.valid_to.and_then(|to| to.yesterday().ok()) {
        Some(last) => t.with("tariffs.from_to", &[("from", &t.date(from)), ("to", &t.date(last))]),
        None => t.with("tariffs.since", &[("from", &t.date(from))]),
    }
}

/// How far a document was checked against its decree.
fn confidence(t: Words, confidence: Confidence) -> Badge {
    match confidence {
        Confidence::V => Badge::new(Sign::Ok, t.get("tariffs.checked")),
        Confidence::V2 => Badge::new(Sign::Info, t.get("tariffs.second_hand")),
        Confidence::K => Badge::new(Sign::Warn, t.get("tariffs.unchecked")),
    }
}
