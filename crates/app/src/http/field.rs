//! The page of the handhelds: it takes readings where there is no network, keeps them on the device, and
//! delivers them through the API with the handheld's token. It holds no data of its own; a visitor
//! without a token sees an empty form that nobody takes anything from.

use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};

use super::{Guard, Route, Visit, failure::ok, i18n::Words, ui::Page};

/// The page.
pub(super) const PATH: &str = "/field";

const WORKER: &str = include_str!("../../assets/js/field-worker.js");

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, "field", Guard::Public, show),
        // At the root, since a worker serves only what lies below its own address.
        Route::get("/field-worker.js", "field", Guard::Public, worker),
    ]
}

#[derive(Template)]
#[template(path = "field/page.html")]
struct FieldPage {
    t: Words,
    page: Page,
}

async fn show(visit: Visit) -> Response {
    let t = visit.t();
    ok(&FieldPage { t, page: visit.page(t.get("field.title")) })
}

async fn worker() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], WORKER).into_response()
}
