//! Customers: finding them, the whole story of one, personal data in clear for a stated purpose,
//! and the readings of a usage point beside what was settled from them.

mod moves;
mod parts;
mod readings;
mod reveal;
mod search;
mod story;

use access::Right;

use crate::http::{Guard, Route};

/// The page that finds customers by the words in the search box.
pub(super) const SEARCH: &str = "/console/customers";

pub(super) fn routes() -> Vec<Route> {
    let see = Guard::Right(Right::CustomerRead);
    let clear = Guard::Right(Right::CustomerReadPersonal);
    let read = Guard::Right(Right::ReadingRead);
    let export = Guard::Right(Right::ExportData);
    let agree = Guard::Right(Right::AgreementWrite);
    let close = Guard::Right(Right::SettlementRun);
    vec![
        Route::get(moves::HAND_OVER, "supply", agree, moves::ask),
        Route::post(moves::HAND_OVER, "supply", agree, moves::hand_over).timeout_s(120),
        Route::get(moves::FINAL_BILL, "supply", close, moves::ask_final),
        Route::post(moves::FINAL_BILL, "supply", close, moves::make_final).timeout_s(120),
        Route::get(SEARCH, "registry", see, search::show),
        Route::get("/console/customers.csv", "registry", export, search::export),
        Route::get("/console/customers/{account}", "registry", see, story::show),
        Route::get("/console/customers/{account}/reveal", "registry", clear, reveal::ask),
        Route::post("/console/customers/{account}/reveal", "registry", clear, reveal::show),
        Route::get(readings::PATH, "supply", read, readings::show),
        Route::get(readings::CSV_PATH, "supply", export, readings::export),
    ]
}
