//! What lets a phone keep a copy of the portal and put it among its apps: the script that runs
//! beside the pages, and the manifest. Both say nothing about anybody.

use axum::{
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::http::{Guard, Route, Visit, shelf::SHELF};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/portal/worker.js", "access", Guard::Public, worker),
        Route::get("/portal/app.webmanifest", "access", Guard::Public, manifest),
    ]
}

/// At one address for ever, so that the browser finds the newer one: looked at each time.
const LOOK_EACH_TIME: &str = "no-cache";

async fn worker() -> Response {
    let fixed = [
        (header::CONTENT_TYPE, "text/javascript"),
        (header::CACHE_CONTROL, LOOK_EACH_TIME),
        // The start page is /portal, without a slash behind it.
        (HeaderName::from_static("service-worker-allowed"), "/portal"),
    ];
    (fixed, include_str!("../../../assets/js/portal-worker.js")).into_response()
}

async fn manifest(visit: Visit) -> Response {
    let mark = SHELF.named("mark.svg").map(|mark| mark.path().to_owned()).unwrap_or_default();
    let name = visit.t().get("product.name");
    let body = json!({
        "name": name, "short_name": name, "start_url": "/portal", "scope": "/portal",
        "display": "standalone",
        "icons": [{ "src": mark, "type": "image/svg+xml", "sizes": "any" }],
    });
    let fixed = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, LOOK_EACH_TIME),
    ];
    (fixed, body.to_string()).into_response()
}
