//! Reporting a faulty meter.

use access::Right;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use supply::orders::{NewFault, OrderError, open_fault};

use super::{FAULT, PATH, catalogue};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk,
        sheet::{Card, Form, Sheet, paragraph},
    },
    failure::render,
    form::{Refused, Sent},
    ui::{Field, Input, Sign},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    point: String,
}

pub(super) async fn form(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::MeterWrite).await?;
    Ok(page(&web, &visit, &asked.point, &Refused::default(), StatusCode::OK))
}

fn page(web: &Web, visit: &Visit, point: &str, refused: &Refused, status: StatusCode) -> Response {
    let t = visit.t();
    let rules = &web.works.rules.metering.fault;
    let page = visit.page(t.get("fault.report")).crumb(t.get("nav.orders"), PATH);
    let sent = refused.value("point");
    let mut kinds = desk::choices(t.get("exceptions.choose"), []);
    kinds.extend(catalogue(t, &rules.kind));
    let form = Form::new(&page, FAULT, t.get("fault.report"))
        .field(
            Field::new(t, "point", t.get("fault.point"), Input::Text)
                .required()
                .hint(t.get("fault.point_hint"))
                .kept(refused)
                .value(if sent.is_empty() { point } else { sent }),
        )
        .field(
            Field::new(t, "code", t.get("fault.code"), Input::Select)
                .required()
                .choices(kinds)
                .kept(refused),
        )
        .field(Field::new(t, "note", t.get("orders.note"), Input::Area).kept(refused))
        .cancel(t.get("form.cancel"), PATH);
    let lead = t.with("fault.lead", &[("days", &rules.decide_days)]);
    let card = Card::new("").part(&paragraph(&lead)).part(&form);
    render(status, &Sheet::new(page).maybe(refused.alert(t)).part(&card))
}

pub(super) async fn open(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let t = visit.t();
    let mut check = sent.check(t);
    let point = check.required("point", 40);
    let code = check.required("code", 40);
    let note = check.optional("note", 1_000).unwrap_or_default();
    if check.is_good() {
        let mut tx = web.works.db.begin().await?;
        match desk::point_of(&mut tx, org, &point).await? {
            None => check.wrong("point", t.get("fault.no_point")),
            Some(usage_point) => {
                let ctx = visit.ctx();
                let rules = &web.works.rules.metering.fault;
                let new = NewFault { usage_point, code, note };
                let today = desk::today(&visit);
                match open_fault(&ctx, &mut tx, org, &new, (today, rules)).await {
                    Ok(id) => {
                        tx.commit().await?;
                        let to = format!("{PATH}/{id}");
                        let text = t.get("fault.reported");
                        return Ok(visit.go(&to).flash(Sign::Ok, text).into_response());
                    }
                    Err(OrderError::NoMeter) => check.wrong("point", t.get("fault.no_meter")),
                    Err(OrderError::HasOrder) => check.wrong("point", t.get("fault.has_order")),
                    Err(OrderError::Field { .. }) => check.wrong("code", t.get("form.required")),
                    Err(error) => {
                        visit.finish(&ctx, tx, Err::<(), _>(error)).await?;
                    }
                }
            }
        }
    }
    let refused = check.refused().unwrap_or_default();
    Ok(page(&web, &visit, &point, &refused, StatusCode::UNPROCESSABLE_ENTITY))
}
