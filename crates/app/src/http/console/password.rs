//! Staff change their own password; a first password must be changed before anything else.

use access::{AccessError, Password};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::http::{
    Failure, Guard, Route, Visit, Web, cookies,
    failure::{ok, render},
    form::{Refused, Sent},
    guard::PASSWORD_PAGE,
    i18n::Words,
    ui::{Alert, Field, Input, Page, Sign},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PASSWORD_PAGE, "access", Guard::SignedIn, show),
        Route::post(PASSWORD_PAGE, "access", Guard::SignedIn, change),
    ]
}

#[derive(Template)]
#[template(path = "console/password.html")]
struct PasswordPage {
    t: Words,
    page: Page,
    alert: Option<Alert>,
    fields: [Field; 3],
}

impl PasswordPage {
    fn new(visit: &Visit, refused: &Refused) -> Self {
        let t = visit.t();
        let field = |name, label, token| {
            Field::new(t, name, label, Input::Password).required().autocomplete(token).kept(refused)
        };
        let must = visit.known().is_some_and(|known| known.must_change);
        let first = || Alert::new(Sign::Info, t.get("console.password.must"));
        Self {
            t,
            page: visit.page(t.get("console.password.title")),
            alert: refused.alert(t).or_else(|| must.then(first)),
            fields: [
                field("present", t.get("console.password.present"), "current-password").focus(),
                field("password", t.get("console.password.chosen"), "new-password")
                    .hint(t.get("console.password.chosen_hint")),
                field("again", t.get("console.password.again"), "new-password"),
            ],
        }
    }
}

async fn show(visit: Visit) -> Response {
    ok(&PasswordPage::new(&visit, &Refused::default()))
}

async fn change(State(web): State<Web>, visit: Visit, sent: Sent) -> Result<Response, Failure> {
    let t = visit.t();
    let mut check = sent.check(t);
    let present = check.required("present", 1_000);
    let chosen = check.required("password", 1_000);
    if check.required("again", 1_000) != chosen {
        check.wrong("again", t.get("console.password.differ"));
    }
    if check.is_good() {
        let ctx = visit.ctx();
        let mut tx = web.works.db.begin().await?;
        let (old, new) = (Password::new(&present), Password::new(&chosen));
        match access::change_password(&ctx, &mut tx, old, new).await {
            Err(AccessError::Invalid { field: "present", .. }) => {
                check.wrong("present", t.get("console.password.present_wrong"));
            }
            Err(AccessError::Invalid { .. }) => {
                check.wrong("password", t.get("console.password.weak"));
            }
            done => visit.finish(&ctx, tx, done).await?,
        }
    }
    Ok(match check.refused() {
        Some(refused) => {
            render(StatusCode::UNPROCESSABLE_ENTITY, &PasswordPage::new(&visit, &refused))
        }
        None => visit
            .go("/sign-in")
            .cookie(cookies::SESSION, "", Some(0))
            .flash(Sign::Ok, t.get("console.password.saved"))
            .into_response(),
    })
}
