//! The web door: console for staff, portal for customers, JSON under `/api/v1`.
//!
//! What lives here: the table of routes with the right that each needs ([`routes`]), the frame
//! around every request ([`frame`]), sessions and tokens ([`door`], [`secret`]), errors as pages
//! or problem+json ([`failure`]), forms ([`form`]), words ([`i18n`]) and the parts of pages
//! ([`ui`]). Pages themselves are in `console`, `portal` and `api`, one module per area. No rule
//! of the trade and no SQL: a handler reads a command, calls an operation and renders.

mod api;
pub mod console;
mod cookies;
pub mod door;
pub mod failure;
mod field;
pub mod form;
mod frame;
mod guard;
mod health;
pub mod i18n;
pub mod portal;
mod preferences;
pub mod routes;
pub mod secret;
pub mod shelf;
pub mod ui;
pub mod visit;
mod web;

#[cfg(test)]
mod tests;

use axum::{Router, middleware};

pub use failure::Failure;
pub use routes::{Guard, Route};
pub use visit::Visit;
pub use web::{Web, WebSetup};

/// The navigation of the console or the portal for this visitor.
#[must_use]
pub fn nav(visit: &Visit) -> Vec<ui::NavGroup> {
    if visit.home() == "/portal" { portal::nav(visit) } else { console::nav(visit) }
}

/// Every route of the program.
#[must_use]
pub fn all_routes() -> Vec<Route> {
    [
        health::routes(),
        preferences::routes(),
        console::routes(),
        portal::routes(),
        field::routes(),
        api::routes(),
    ]
    .concat()
}

/// The whole web door.
pub fn router(web: &Web) -> Router {
    router_of(web, all_routes())
}

/// A door with these routes only: for the gallery and for tests.
pub fn router_of(web: &Web, routes: Vec<Route>) -> Router {
    let mut router = Router::new();
    for route in routes {
        router = router.route(route.info.path, route.guarded(web));
    }
    router
        .route("/assets/{file}", axum::routing::get(shelf::serve))
        .fallback(failure::no_such_page)
        .layer(middleware::from_fn_with_state(web.clone(), frame::frame))
        .with_state(web.clone())
}
