//! The files that pages load: libraries from `assets`, and our own style, scripts and mark, each
//! at an address that changes with its content.

use std::sync::LazyLock;

use assets::{Asset, CACHE_FOR_EVER, Shelf};
use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::Failure;

const STYLE: &str = concat!(
    include_str!("../../assets/css/tokens.css"),
    include_str!("../../assets/css/base.css"),
    include_str!("../../assets/css/frame.css"),
    include_str!("../../assets/css/parts.css"),
    include_str!("../../assets/css/table.css"),
    include_str!("../../assets/css/form.css"),
    include_str!("../../assets/css/svg.css"),
    include_str!("../../assets/css/portal.css"),
    include_str!("../../assets/css/bill.css"),
    include_str!("../../assets/css/print.css"),
);

/// Everything a page can load.
pub static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    Shelf::with([
        Asset::new("app.css", STYLE.as_bytes()),
        Asset::new("app.js", include_bytes!("../../assets/js/app.js")),
        Asset::new("offline.js", include_bytes!("../../assets/js/offline.js")),
        Asset::new("field.js", include_bytes!("../../assets/js/field.js")),
        Asset::new("chart.js", include_bytes!("../../assets/js/chart.js")),
        Asset::new("mark.svg", include_bytes!("../../assets/img/mark.svg")),
    ])
});

/// Serves `/assets/{file}`.
pub(super) async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = SHELF.at(&format!("/assets/{file}")) else {
        return Failure::not_found().into_response();
    };
    let etag = asset.etag();
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == etag.as_bytes());
    let fixed = [
        (header::CONTENT_TYPE, asset.content_type().to_owned()),
        (header::CACHE_CONTROL, CACHE_FOR_EVER.to_owned()),
        (header::ETAG, etag),
    ];
    if known {
        (StatusCode::NOT_MODIFIED, fixed).into_response()
    } else {
        (fixed, asset.bytes()).into_response()
    }
}
