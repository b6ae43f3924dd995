//! Registered handhelds: the list, registering one (its token is shown once), revoking one.

use access::Right;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use supply::field::{self, FieldError, devices};

use super::HANDHELDS;
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk,
        sheet::{Card, Deed, Form, Sheet, paragraph},
    },
    failure::render,
    form::{Refused, Sent},
    ui::{Alert, Badge, Cell, Column, Definitions, Empty, Field, Html, Input, Row, Sign, Table},
};

pub(super) async fn list(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    page(&web, &visit, &asked.after, (None, &Refused::default()), StatusCode::OK).await
}

async fn page(
    web: &Web,
    visit: &Visit,
    after: &str,
    (token, refused): (Option<&str>, &Refused),
    status: StatusCode,
) -> Result<Response, Failure> {
    let org = desk::org(visit, Right::MeterWrite).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let part = desk::part(after)?;
    let found = devices(&mut tx, org, part.before(), part.limit()).await?;
    let found = part.cut(found, |row| (row.id, String::new()));
    let page = visit.page(t.get("nav.handhelds"));
    let rows: Vec<Row> = found
        .items
        .iter()
        .map(|device| {
            let deed = match device.revoked_at {
                Some(_) => Html::of(&Badge::new(Sign::Neutral, t.get("handhelds.revoked"))),
                None => {
                    let action = format!("{HANDHELDS}/{}/revoke", device.id);
                    Html::of(&Deed::new(&page, &action, t.get("handhelds.revoke")))
                }
            };
            let seen = device.seen_at.map_or_else(|| "–".to_owned(), |at| desk::at(visit, at));
            Row::new(vec![
                Cell::text(&device.name),
                Cell::text(&device.holder),
                Cell::text(desk::at(visit, device.registered_at)),
                Cell::text(seen),
                Cell::part(&deed),
            ])
        })
        .collect();
    let columns = vec![
        Column::text(t.get("handhelds.name")).main(),
        Column::text(t.get("handhelds.holder")),
        Column::text(t.get("handhelds.registered")),
        Column::text(t.get("handhelds.seen")),
        Column::text(t.get("stock.what_next")),
    ];
    let empty = Empty::new(t.get("handhelds.none"), t.get("handhelds.none_text"));
    let shown = rows.len();
    let list =
        Table::new(t, t.get("nav.handhelds"), columns).caption_hidden().rows(rows).empty(empty);
    let pager = desk::pager(t, HANDHELDS, shown, after, found.next.as_deref());
    let form = Form::new(&page, HANDHELDS, t.get("handhelds.register"))
        .field(Field::new(t, "name", t.get("handhelds.name"), Input::Text).required().kept(refused))
        .field(
            Field::new(t, "holder", t.get("handhelds.holder"), Input::Text)
                .required()
                .kept(refused),
        );
    let card = Card::new(t.get("handhelds.register"))
        .part(&paragraph(t.get("handhelds.lead")))
        .part(&form);
    let card = Html::of(&card);
    let issued = token.map(|token| {
        let alert =
            Alert::new(Sign::Ok, t.get("handhelds.token")).text(t.get("handhelds.token_text"));
        let token = Definitions::new().text(t.get("handhelds.token_label"), token);
        Html::of(&Card::new("").part(&alert).part(&token))
    });
    let sheet =
        Sheet::new(page).maybe(refused.alert(t)).maybe(issued).part(&list).part(&pager).part(&card);
    Ok(render(status, &sheet))
}

pub(super) async fn register(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let mut check = sent.check(visit.t());
    let name = check.required("name", 60);
    let holder = check.required("holder", 60);
    if let Some(refused) = check.refused() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&web, &visit, "", (None, &refused), status).await;
    }
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done: Result<_, FieldError> = field::register(&ctx, &mut tx, org, (&name, &holder)).await;
    let issued = visit.finish(&ctx, tx, done).await?;
    // Not a redirect: the token is shown once, and kept nowhere.
    page(&web, &visit, "", (Some(&issued.token), &Refused::default()), StatusCode::OK).await
}

pub(super) async fn revoke(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let id = desk::id(&id)?;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = field::revoke(&ctx, &mut tx, org, id).await;
    visit.finish(&ctx, tx, done).await?;
    let text = visit.t().get("handhelds.is_revoked");
    Ok(visit.go(HANDHELDS).flash(Sign::Ok, text).into_response())
}
