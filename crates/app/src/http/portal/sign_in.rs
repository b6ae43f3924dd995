//! Customers come in by account number and a one-time code, and go out.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Id;

use crate::http::{
    Failure, Guard, Route, Visit, Web, cookies,
    door::{Delivery, Side},
    failure::{ok, render},
    form::{Refused, Sent},
    i18n::Words,
    ui::{Alert, Field, Input, Page, Sign},
    visit::Go,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/portal/sign-in", "access", Guard::Public, show),
        Route::post("/portal/sign-in", "access", Guard::Public, send),
        Route::post("/portal/sign-in/code", "access", Guard::Public, open),
        Route::post("/portal/sign-out", "access", Guard::Portal, sign_out),
    ]
}

#[derive(Template)]
#[template(path = "portal/sign_in.html")]
struct AccountPage {
    t: Words,
    page: Page,
    alert: Option<Alert>,
    account: Field,
    phone: Field,
}

impl AccountPage {
    fn new(visit: &Visit, refused: &Refused) -> Self {
        let t = visit.t();
        Self {
            t,
            page: visit.page(t.get("portal.sign_in.title")),
            alert: refused.alert(t),
            account: Field::new(t, "account", t.get("portal.sign_in.account"), Input::Text)
                .hint(t.get("portal.sign_in.account_hint"))
                .required()
                .autocomplete("username")
                .focus()
                .kept(refused),
            phone: Field::new(t, "phone", t.get("portal.sign_in.phone"), Input::Tel)
                .required()
                .autocomplete("tel")
                .kept(refused),
        }
    }
}

#[derive(Template)]
#[template(path = "portal/code.html")]
struct CodePage {
    t: Words,
    page: Page,
    alert: Option<Alert>,
    lead: String,
    code: Field,
    ticket: String,
}

impl CodePage {
    fn new(visit: &Visit, ticket: &str, lead: String) -> Self {
        let t = visit.t();
        Self {
            t,
            page: visit.page(t.get("portal.code.title")),
            alert: None,
            lead,
            code: Field::new(t, "code", t.get("portal.code.label"), Input::Code)
                .required()
                .autocomplete("one-time-code")
                .focus(),
            ticket: ticket.to_owned(),
        }
    }
}

async fn show(visit: Visit) -> Response {
    if visit.known().is_some_and(|known| known.side == Side::Customer) {
        return visit.go("/portal").into_response();
    }
    ok(&AccountPage::new(&visit, &Refused::default()))
}

async fn send(State(web): State<Web>, visit: Visit, sent: Sent) -> Result<Response, Failure> {
    let mut check = sent.check(visit.t());
    let account = check.required("account", 40);
    let phone = check.required("phone", 40);
    if let Some(refused) = check.refused() {
        let page = AccountPage::new(&visit, &refused);
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let (ticket, shown) = ask_for_code(&web, &visit, &account, &phone).await?;
    let lead = visit.t().with("portal.code.lead", &[("minutes", &CODE_MINUTES)]);
    let mut page = CodePage::new(&visit, &ticket.to_string(), lead);
    page.alert = shown.map(|code| {
        let title = visit.t().with("portal.code.shown", &[("code", &code)]);
        Alert::new(Sign::Info, title).text(visit.t().get("portal.code.shown_text"))
    });
    Ok(ok(&page))
}

/// How long a code is good for, minutes: what `access` gives it.
const CODE_MINUTES: i64 = 5;

/// Asks for a code and has it delivered. Whether the account exists and the phone fits is not
/// told: an unknown one gets a ticket too, which no code opens.
async fn ask_for_code(
    web: &Web,
    visit: &Visit,
    account: &str,
    phone: &str,
) -> Result<(Id, Option<String>), Failure> {
    let Some(found) = web.customers.find(account, phone).await? else {
        return Ok((web.works.db.next_id(), None));
    };
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let issued = access::request_code(&ctx, &mut tx, found.org, found.account).await;
    let issued = visit.finish(&ctx, tx, issued).await?;
    let delivery = web.customers.deliver(&found.phone, &issued.code).await?;
    Ok((issued.ticket, (delivery == Delivery::Shown).then_some(issued.code)))
}

async fn open(State(web): State<Web>, visit: Visit, sent: Sent) -> Result<Response, Failure> {
    let t = visit.t();
    let ticket = sent.value("ticket").to_owned();
    let mut check = sent.check(t);
    let code = check.required("code", 8);
    let mut page = CodePage::new(&visit, &ticket, t.get("portal.code.lead_again").to_owned());
    if let Some(refused) = check.refused() {
        page.code = page.code.kept(&refused);
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let opened = match ticket.parse() {
        Ok(ticket) => {
            let ctx = visit.ctx();
            let mut tx = web.works.db.begin().await?;
            let from = visit.from();
            let opened = access::sign_in_with_code(&ctx, &mut tx, ticket, &code, from).await;
            visit.finish(&ctx, tx, opened).await?
        }
        Err(_) => None,
    };
    match opened {
        Some(opened) => Ok(visit.enter("/portal", &opened).into_response()),
        None => {
            page.alert = Some(Alert::new(Sign::Bad, t.get("portal.code.refused")));
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

async fn sign_out(State(web): State<Web>, visit: Visit) -> Result<Go, Failure> {
    if let Some(token) = visit.token() {
        let mut tx = web.works.db.begin().await?;
        access::sign_out(&mut tx, token).await?;
        tx.commit().await?;
    }
    Ok(visit
        .go("/portal/sign-in")
        .cookie(cookies::SESSION, "", Some(0))
        .flash(Sign::Ok, visit.t().get("door.signed_out")))
}
