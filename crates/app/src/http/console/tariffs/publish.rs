//! Publishing a document: pasted text, compiled together with all others before it counts.

use access::Right;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Fault, FaultKind};

use super::{DOCUMENT_MAX, PATH};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk,
        sheet::{Card, Form, Sheet, paragraph},
    },
    failure::render,
    form::{Refused, Sent},
    ui::{Alert, Field, Input, Sign},
};

pub(super) async fn show(visit: Visit) -> Result<Response, Failure> {
    desk::org(&visit, Right::TariffPublish).await?;
    Ok(page(&visit, &Refused::default(), None, StatusCode::OK))
}

fn page(visit: &Visit, refused: &Refused, why: Option<&str>, status: StatusCode) -> Response {
    let t = visit.t();
    let page = visit.page(t.get("tariffs.publish")).crumb(t.get("nav.tariffs"), PATH);
    let form = Form::new(&page, "/console/tariffs/publish", t.get("tariffs.publish"))
        .field(
            Field::new(t, "name", t.get("tariffs.document_name"), Input::Text)
                .required()
                .hint(t.get("tariffs.document_name_hint"))
                .kept(refused),
        )
        .field(
            Field::new(t, "document", t.get("tariffs.document"), Input::Area)
                .required()
                .hint(t.get("tariffs.document_hint"))
                .kept(refused),
        )
        .cancel(t.get("form.cancel"), PATH);
    let card = Card::new("").part(&paragraph(t.get("tariffs.publish_text"))).part(&form);
    let why = why.map(|why| Alert::new(Sign::Bad, t.get("tariffs.refused")).text(why));
    render(status, &Sheet::new(page).maybe(why).part(&card))
}

pub(super) async fn publish(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::TariffPublish).await?;
    let t = visit.t();
    let mut check = sent.check(t);
    let name = check.required("name", 200);
    let text = check.required("document", DOCUMENT_MAX);
    if !check.is_good() {
        let refused = check.refused().unwrap_or_default();
        return Ok(page(&visit, &refused, None, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    match supply::tariffs::publish(&ctx, &mut tx, org, &name, &text).await {
        Err(error) if matches!(error.kind(), FaultKind::Invalid | FaultKind::Conflict) => {
            drop(tx);
            // What the engine says names the place in the document; it stands above the text.
            check.wrong("document", t.get("tariffs.see_above"));
            let refused = check.refused().unwrap_or_default();
            let why = error.to_string();
            Ok(page(&visit, &refused, Some(&why), StatusCode::UNPROCESSABLE_ENTITY))
        }
        done => {
            let id = visit.finish(&ctx, tx, done).await?;
            let go = visit.go(&format!("{PATH}/{id}"));
            Ok(go.flash(Sign::Ok, t.get("tariffs.published")).into_response())
        }
    }
}
