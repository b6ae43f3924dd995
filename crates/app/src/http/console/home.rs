//! The first page after signing in: what needs a decision.

use askama::Template;
use axum::response::Response;

use super::{
    operations::{self, Waiting},
    sheet::Group,
};
use crate::http::{
    Failure, Guard, Route, Visit,
    failure::ok,
    i18n::Words,
    ui::{Badge, Empty, Html, Page},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/console", "home", Guard::SignedIn, show)]
}

/// Something that waits for this person.
#[derive(Debug, Clone)]
pub struct Decision {
    /// How many of it.
    pub count: String,
    /// What it is.
    pub title: String,
    /// What deciding it means, or how old the oldest is.
    pub text: String,
    /// Where it is decided.
    pub href: String,
    /// How urgent it is.
    pub badge: Badge,
}

/// The home page.
#[derive(Template)]
#[template(path = "console/home.html")]
pub struct HomePage {
    t: Words,
    page: Page,
    parts_above: Vec<Html>,
    decisions: Vec<Decision>,
    quiet: Empty,
}

impl HomePage {
    /// The page with what waits, and parts to show above it.
    #[must_use]
    pub fn new(visit: &Visit, parts_above: Vec<Html>, decisions: Vec<Decision>) -> Self {
        Self::framed(visit.page(visit.t().get("console.home")), parts_above, decisions)
    }

    /// As [`HomePage::new`], in a frame that is made already.
    #[must_use]
    pub fn framed(page: Page, parts_above: Vec<Html>, decisions: Vec<Decision>) -> Self {
        let t = page.t;
        let quiet = Empty::new(t.get("console.home_quiet"), t.get("console.home_quiet_text"));
        Self { t, page, parts_above, decisions, quiet }
    }
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    let Waiting { decisions, figures } = operations::waiting(&visit).await?;
    let above = if figures.is_empty() { vec![] } else { vec![Html::of(&Group::figures(&figures))] };
    Ok(ok(&HomePage::new(&visit, above, decisions)))
}
