//! The first page of a customer.

use askama::Template;
use axum::response::Response;

use crate::http::{
    Guard, Route, Visit,
    failure::ok,
    i18n::Words,
    ui::{Empty, Page},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/portal", "home", Guard::Portal, show)]
}

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    t: Words,
    page: Page,
    quiet: Empty,
}

async fn show(visit: Visit) -> Response {
    let t = visit.t();
    let quiet = Empty::new(t.get("portal.home_quiet"), t.get("portal.home_quiet_text"));
    ok(&HomePage { t, page: visit.page(t.get("portal.home")), quiet })
}
