//! Watching over readings: alerts with their owner and term, asking meters, registered handhelds, and
//! what customers are told about reading.

mod alerts;
mod bulletins;
mod handhelds;
mod requests;

use access::Right;

use crate::http::{Guard, Route};

/// Alerts.
pub(super) const ALERTS: &str = "/console/alerts";
/// Requests for readings.
pub(super) const REQUESTS: &str = "/console/requests";
/// Handhelds.
pub(super) const HANDHELDS: &str = "/console/handhelds";
/// Bulletins.
pub(super) const BULLETINS: &str = "/console/bulletins";
const LOG: &str = "/console/errors/new";

/// A photo of an alert, with what a form adds to it.
const PHOTO_BYTES: usize = 2 * 1024 * 1024;

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::ReadingRead);
    let act = Guard::Right(Right::ExceptionDecide);
    let ask = Guard::Right(Right::ReadingRequest);
    let write = Guard::Right(Right::MeterWrite);
    vec![
        Route::get(ALERTS, "supply", read, alerts::list),
        Route::get("/console/alerts/{id}", "supply", read, alerts::one),
        Route::post("/console/alerts/{id}/acknowledge", "supply", act, alerts::acknowledge),
        Route::get("/console/alerts/{id}/photo", "supply", read, alerts::photo),
        Route::post("/console/alerts/{id}/photo", "supply", act, alerts::add_photo)
            .body_limit(PHOTO_BYTES),
        Route::post("/console/alerts/{id}/close", "supply", act, alerts::close),
        Route::get(LOG, "supply", act, alerts::form),
        Route::post(LOG, "supply", act, alerts::log),
        Route::get(REQUESTS, "supply", read, requests::list),
        Route::post(REQUESTS, "supply", ask, requests::ask),
        Route::get("/console/requests/{id}", "supply", read, requests::one),
        Route::get(HANDHELDS, "supply", write, handhelds::list),
        Route::post(HANDHELDS, "supply", write, handhelds::register),
        Route::post("/console/handhelds/{id}/revoke", "supply", write, handhelds::revoke),
        Route::get(BULLETINS, "supply", read, bulletins::list),
        Route::post(BULLETINS, "supply", write, bulletins::publish),
        Route::post("/console/bulletins/{id}/withdraw", "supply", write, bulletins::withdraw),
    ]
}
