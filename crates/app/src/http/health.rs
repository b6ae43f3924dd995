//! Whether the program lives (`/healthz`) and whether it can serve (`/readyz`), for whoever
//! watches it.

use axum::extract::State;

use super::{Failure, Guard, Route, Web};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", "health", Guard::Public, async || "ok\n"),
        Route::get("/readyz", "health", Guard::Public, ready),
    ]
}

/// Ready means that the database answers.
async fn ready(State(web): State<Web>) -> Result<&'static str, Failure> {
    let mut tx = web.works.db.read().await?;
    access::root_organisation(&mut tx).await?;
    Ok("ready\n")
}
