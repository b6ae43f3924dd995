//! Staff come in and go out.

use access::{Password, SignIn};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::http::{
    Failure, Guard, Route, Visit, Web, cookies,
    door::Side,
    failure::{ok, render},
    form::{Refused, Sent},
    i18n::Words,
    ui::{Alert, Field, Input, Page, Sign},
    visit::Go,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/", "access", Guard::Public, start),
        Route::get("/sign-in", "access", Guard::Public, show),
        Route::post("/sign-in", "access", Guard::Public, sign_in),
        Route::post("/sign-out", "access", Guard::SignedIn, sign_out),
    ]
}

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    t: Words,
    page: Page,
    alert: Option<Alert>,
    name: Field,
    password: Field,
    next: String,
}

impl SignInPage {
    fn new(visit: &Visit, refused: &Refused, next: &str) -> Self {
        let t = visit.t();
        Self {
            t,
            page: visit.page(t.get("console.sign_in.title")),
            alert: refused.alert(t),
            name: Field::new(t, "name", t.get("console.sign_in.name"), Input::Text)
                .required()
                .autocomplete("username")
                .focus()
                .kept(refused),
            password: Field::new(t, "password", t.get("console.sign_in.password"), Input::Password)
                .required()
                .autocomplete("current-password")
                .kept(refused),
            next: next.to_owned(),
        }
    }
}

/// Where to go after signing in.
#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn start(visit: Visit) -> Go {
    let home = match visit.known().map(|known| known.side) {
        Some(Side::Customer) => "/portal",
        Some(Side::Staff) => "/console",
        None => "/sign-in",
    };
    visit.go(home)
}

async fn show(visit: Visit, Query(Next { next }): Query<Next>) -> Response {
    if visit.known().is_some_and(|known| known.side == Side::Staff) {
        return visit.go("/console").into_response();
    }
    let mut page = SignInPage::new(&visit, &Refused::default(), &next);
    if !next.is_empty() {
        page.alert = Some(Alert::new(Sign::Info, visit.t().get("door.needed")));
    }
    ok(&page)
}

async fn sign_in(State(web): State<Web>, visit: Visit, sent: Sent) -> Result<Response, Failure> {
    let t = visit.t();
    let next = sent.value("next");
    let mut check = sent.check(t);
    let name = check.required("name", 100);
    let password = check.required("password", 1_000);
    if let Some(refused) = check.refused() {
        let page = SignInPage::new(&visit, &refused, next);
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let attempt = SignIn { login: &name, password: Password::new(&password), origin: visit.from() };
    let Some(opened) = access::sign_in(&visit.ctx(), &web.works.db, attempt).await? else {
        let mut page = SignInPage::new(&visit, &Refused::default(), next);
        page.name = page.name.value(name);
        page.alert = Some(
            Alert::new(Sign::Bad, t.get("console.sign_in.refused"))
                .text(t.get("console.sign_in.refused_text")),
        );
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let to = if next.is_empty() { "/console" } else { next };
    Ok(visit.enter(to, &opened).into_response())
}

async fn sign_out(State(web): State<Web>, visit: Visit) -> Result<Go, Failure> {
    if let Some(token) = visit.token() {
        let mut tx = web.works.db.begin().await?;
        access::sign_out(&mut tx, token).await?;
        tx.commit().await?;
    }
    Ok(visit
        .go("/sign-in")
        .cookie(cookies::SESSION, "", Some(0))
        .flash(Sign::Ok, visit.t().get("door.signed_out")))
}
