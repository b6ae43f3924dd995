//! Bulletins to customers: the list, publishing one, withdrawing one.

use access::Right;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use supply::bulletins::{
    self, BulletinError, BulletinKind, BulletinRow, NewBulletin, bulletin_list,
};

use super::BULLETINS;
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk,
        sheet::{Card, Deed, Form, Sheet, paragraph},
    },
    failure::render,
    form::{Refused, Sent},
    i18n::Locale,
    ui::{Badge, Cell, Column, Empty, Field, Html, Input, Page, Row, Sign, Table},
};

const KINDS: [&str; 4] = ["reading_day", "estimation", "meter_change", "other"];

pub(super) async fn list(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    page(&web, &visit, &asked.after, &Refused::default(), StatusCode::OK).await
}

async fn page(
    web: &Web,
    visit: &Visit,
    after: &str,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, Failure> {
    let org = desk::org(visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let part = desk::part(after)?;
    let found = bulletin_list(&mut tx, org, &part).await?;
    let page = visit.page(t.get("nav.bulletins"));
    let rows: Vec<Row> = found.items.iter().map(|row| line(visit, &page, row)).collect();
    let columns = vec![
        Column::text(t.get("bulletins.title")).main(),
        Column::text(t.get("bulletins.kind")),
        Column::text(t.get("bulletins.effective")),
        Column::text(t.get("bulletins.published")),
        Column::text(t.get("stock.what_next")),
    ];
    let empty = Empty::new(t.get("bulletins.none"), t.get("bulletins.none_text"));
    let shown = rows.len();
    let list =
        Table::new(t, t.get("nav.bulletins"), columns).caption_hidden().rows(rows).empty(empty);
    let pager = desk::pager(t, BULLETINS, shown, after, found.next.as_deref());
    let form = visit.may(Right::MeterWrite).then(|| Html::of(&form(visit, &page, refused)));
    let sheet = Sheet::new(page).maybe(refused.alert(t)).part(&list).part(&pager).maybe(form);
    Ok(render(status, &sheet))
}

fn line(visit: &Visit, page: &Page, row: &BulletinRow) -> Row {
    let t = visit.t();
    let title = match t.locale() {
        Locale::ZhCn => &row.title_zh,
        Locale::En => &row.title_en,
    };
    let deed = if row.withdrawn_at.is_some() {
        Html::of(&Badge::new(Sign::Neutral, t.get("bulletins.withdrawn")))
    } else if visit.may(Right::MeterWrite) {
        let action = format!("{BULLETINS}/{}/withdraw", row.id);
        Html::of(&Deed::new(page, &action, t.get("bulletins.withdraw")))
    } else {
        Html::text("")
    };
    Row::new(vec![
        Cell::text(title),
        Cell::text(t.of("bulletin_kind", &row.kind)),
        Cell::text(t.date(row.effective_on)),
        Cell::text(desk::at(visit, row.published_at)),
        Cell::part(&deed),
    ])
}

fn form(visit: &Visit, page: &Page, refused: &Refused) -> Card {
    let t = visit.t();
    let days = visit.web().works.rules.metering.bulletin.reading_day_notice_days;
    let kinds = KINDS.map(|kind| (kind.to_owned(), t.of("bulletin_kind", kind).to_owned()));
    let field =
        |name, key: &'static str, input| Field::new(t, name, t.get(key), input).kept(refused);
    let form = Form::new(page, BULLETINS, t.get("bulletins.publish"))
        .field(
            field("kind", "bulletins.kind", Input::Select)
                .required()
                .choices(desk::choices(t.get("exceptions.choose"), kinds)),
        )
        .field(
            field("reading_day", "bulletins.reading_day", Input::Text)
                .hint(t.with("bulletins.reading_day_hint", &[("days", &days)])),
        )
        .field(field("effective_on", "bulletins.effective", Input::Date).required())
        .field(field("title_zh", "bulletins.title_zh", Input::Text).required())
        .field(field("body_zh", "bulletins.body_zh", Input::Area).required())
        .field(field("title_en", "bulletins.title_en", Input::Text).required())
        .field(field("body_en", "bulletins.body_en", Input::Area).required());
    Card::new(t.get("bulletins.publish_title"))
        .part(&paragraph(t.get("bulletins.lead")))
        .part(&form)
}

pub(super) async fn publish(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let t = visit.t();
    let mut check = sent.check(t);
    let title = (check.required("title_zh", 100), check.required("title_en", 100));
    let body = (check.required("body_zh", 2_000), check.required("body_en", 2_000));
    let effective_on = check.parsed("effective_on", str::parse::<kernel::Date>);
    let reading_day = sent.value("reading_day").trim().parse::<u8>().ok();
    let kind = BulletinKind::from_word(sent.value("kind"), reading_day);
    if kind.is_none() {
        let field = if sent.value("kind") == "reading_day" { "reading_day" } else { "kind" };
        check.wrong(field, t.get("form.required"));
    }
    if let (Some(kind), Some(effective_on), true) = (kind, effective_on, check.is_good()) {
        let new = NewBulletin { kind, transformer_area: None, title, body, effective_on };
        let ctx = visit.ctx();
        let mut tx = web.works.db.begin().await?;
        let rules = (desk::today(&visit), &web.works.rules.metering.bulletin);
        match bulletins::publish(&ctx, &mut tx, org, &new, rules).await {
            Ok(_) => {
                tx.commit().await?;
                let text = t.get("bulletins.is_published");
                return Ok(visit.go(BULLETINS).flash(Sign::Ok, text).into_response());
            }
            Err(BulletinError::TooSoon { earliest, .. }) => {
                let day = t.date(earliest);
                check.wrong("effective_on", t.with("bulletins.too_soon", &[("day", &day)]));
            }
            Err(BulletinError::Field { field, reason }) => check.wrong(field, reason),
            Err(error) => {
                visit.finish(&ctx, tx, Err::<(), _>(error)).await?;
            }
        }
    }
    let refused = check.refused().unwrap_or_default();
    page(&web, &visit, "", &refused, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn withdraw(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let id = desk::id(&id)?;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = bulletins::withdraw(&ctx, &mut tx, org, id).await;
    visit.finish(&ctx, tx, done).await?;
    let text = visit.t().get("bulletins.is_withdrawn");
    Ok(visit.go(BULLETINS).flash(Sign::Ok, text).into_response())
}
