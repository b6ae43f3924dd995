//! Bills: a month at a glance, the review queue, one bill with the arithmetic of every line and
//! the days behind it, why it differs from another, correcting it, and disputes about it.

mod compare;
mod days;
mod deeds;
mod disputes;
mod lines;
mod log;
mod meter_test;
mod month;
mod sheet;
mod show;
#[cfg(test)]
mod tests;

use access::Right;

use crate::http::{Guard, Route};

/// A month at a glance.
pub(super) const MONTH: &str = "/console/bills";

/// Disputes that wait for an answer.
pub(super) const DISPUTES: &str = "/console/disputes";

/// What a test of the meter behind a disputed bill comes to.
const METER_TEST: &str = "/console/disputes/{dispute}/meter-test";

/// What was corrected.
pub(super) const CORRECTIONS: &str = "/console/corrections";

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::BillRead);
    let review = Guard::Right(Right::BillReview);
    let correct = Guard::Right(Right::BillCorrect);
    let export = Guard::Right(Right::ExportData);
    vec![
        Route::get(MONTH, "supply", read, month::show),
        Route::get("/console/bills.csv", "supply", export, month::export),
        Route::post("/console/bills/approve", "supply", review, deeds::approve_many),
        Route::get("/console/bills/{bill}", "supply", read, show::show),
        Route::get("/console/bills/{bill}/lines.csv", "supply", export, show::export_lines),
        Route::get("/console/bills/{bill}/days.csv", "supply", export, show::export_days),
        Route::get("/console/bills/{bill}/compare", "supply", read, compare::show),
        Route::post("/console/bills/{bill}/recompute", "supply", read, deeds::recompute_bill),
        Route::post("/console/bills/{bill}/review", "supply", review, deeds::review),
        Route::get("/console/bills/{bill}/correct", "supply", correct, deeds::ask_correct),
        Route::post("/console/bills/{bill}/correct", "supply", correct, deeds::correct_bill),
        Route::get(CORRECTIONS, "supply", read, log::list),
        Route::get(DISPUTES, "supply", read, disputes::list),
        Route::get("/console/bills/{bill}/dispute", "supply", read, disputes::ask),
        Route::post("/console/bills/{bill}/dispute", "supply", read, disputes::open),
        Route::get(METER_TEST, "supply", correct, meter_test::ask),
        Route::post(METER_TEST, "supply", correct, meter_test::send).timeout_s(120),
        Route::get("/console/disputes/{dispute}", "supply", review, disputes::ask_answer),
        Route::post("/console/disputes/{dispute}", "supply", review, disputes::answer),
    ]
}
