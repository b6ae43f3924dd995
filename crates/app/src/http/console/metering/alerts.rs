//! Alerts: the list by term with how often each rule was right, one alert, and logging an error.

use access::Right;
use axum::{
    extract::{Multipart, Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::Id;
use serde::Deserialize;
use supply::{
    alerts::{
        self, AlertError, AlertPrecision, AlertRow, NewError, Outcome, alert_by_id, alert_list,
        alert_precision, waiting_alerts,
    },
    metering_rules::CodeWords,
};

use super::{ALERTS, LOG};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        orders::catalogue,
        sheet::{Card, Deed, Form, Group, Sheet, UploadForm, paragraph},
    },
    failure::render,
    form::{Refused, Sent},
    i18n::{Locale, Words},
    ui::{
        Badge, Cell, Column, Definitions, Empty, Field, Figure, Html, Input, Page, Row, Sign, Tab,
        Table, Tabs,
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Asked {
    /// `waiting`, `mine`, `closed`.
    show: String,
    after: String,
}

const SHOWN: [&str; 3] = ["waiting", "mine", "closed"];

pub(super) async fn list(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let t = visit.t();
    let show = SHOWN.into_iter().find(|show| *show == asked.show).unwrap_or("waiting");
    let filter = match show {
        "mine" => ("waiting", "", visit.ctx().actor_id()),
        state => (state, "", Id::from_i64(0)),
    };
    let mut tx = web.works.db.read().await?;
    let part = desk::part(&asked.after)?;
    let found = alert_list(&mut tx, org, filter, &part).await?;
    let waiting = waiting_alerts(&mut tx, org, web.works.db.now()).await?.unwrap_or_default();
    let errors = &web.works.rules.metering.alert.error;
    let (mut rows, mut names) = (Vec::new(), Names::default());
    for alert in &found.items {
        let owner = owner(&visit, &mut names, &mut tx, alert).await?;
        let place = place(&mut names, &mut tx, org, alert).await?;
        rows.push(row(&visit, errors, alert, (&owner, &place)));
    }
    let columns = vec![
        Column::text(t.get("alerts.what")).main(),
        Column::text(t.get("alerts.place")),
        Column::text(t.get("alerts.owner")),
        Column::text(t.get("alerts.due")),
        Column::text(t.get("alerts.state")),
    ];
    let empty = Empty::new(t.get("alerts.none"), t.get("alerts.none_text"));
    let shown = rows.len();
    let list = Table::new(t, t.get("nav.alerts"), columns).caption_hidden().rows(rows).empty(empty);
    let precise = precision(t, errors, &alert_precision(&mut tx, org).await?);
    let tab = |word: &str| Tab {
        label: t.of("alert_show", word).to_owned(),
        href: desk::address(ALERTS, &[("show", word)]),
        count: None,
        current: word == show,
    };
    let base = desk::address(ALERTS, &[("show", show)]);
    let pager = desk::pager(t, &base, shown, &asked.after, found.next.as_deref());
    let mut sheet = Sheet::new(visit.page(t.get("nav.alerts")));
    if visit.may(Right::ExceptionDecide) {
        sheet = sheet.action(t.get("alerts.log"), LOG);
    }
    Ok(sheet
        .part(&figures(t, waiting))
        .part(&Tabs::new(t.get("nav.alerts"), SHOWN.map(tab).into()))
        .part(&list)
        .part(&pager)
        .part(&precise)
        .show())
}

fn figures(t: Words, (all, late, escalated): (i64, i64, i64)) -> Group {
    Group::figures(&[
        Figure::new(t.get("alerts.waiting"), t.number(all)),
        Figure::new(t.get("alerts.late"), t.number(late)),
        Figure::new(t.get("alerts.escalated"), t.number(escalated)),
    ])
}

/// What raised an alert, in words.
fn said(t: Words, errors: &[CodeWords], code: &str) -> String {
    if code.starts_with("vee.") {
        return t.of("finding", code).to_owned();
    }
    if let Some(known) = errors.iter().find(|known| known.code == code) {
        return match t.locale() {
            Locale::ZhCn => known.zh.clone(),
            Locale::En => known.en.clone(),
        };
    }
    t.of("alert_code", code).to_owned()
}

fn state(t: Words, alert: &AlertRow) -> Badge {
    let (sign, text) = match (alert.state.as_str(), alert.escalated_at, &alert.outcome) {
        ("closed", _, Some(outcome)) => (Sign::Ok, t.of("alert_outcome", outcome)),
        ("open", Some(_), _) => (Sign::Bad, t.get("alerts.escalated")),
        ("open", None, _) => (Sign::Warn, t.of("alert_state", "open")),
        (state, ..) => (Sign::Info, t.of("alert_state", state)),
    };
    Badge::new(sign, text)
}

async fn owner(
    visit: &Visit,
    names: &mut Names,
    tx: &mut store::Tx,
    alert: &AlertRow,
) -> Result<String, Failure> {
    match alert.owner.get() {
        0 => Ok(visit.t().get("alerts.nobody").to_owned()),
        _ => names.person(tx, visit.t(), alert.owner).await,
    }
}

async fn place(
    names: &mut Names,
    tx: &mut store::Tx,
    org: Id,
    alert: &AlertRow,
) -> Result<String, Failure> {
    if alert.usage_point.get() == 0 {
        return Ok(alert.concentrator.clone());
    }
    Ok(names.point(tx, org, alert.usage_point).await?.0)
}

fn row(visit: &Visit, errors: &[CodeWords], alert: &AlertRow, (owner, place): (&str, &str)) -> Row {
    let t = visit.t();
    let day = alert.day.map_or_else(String::new, |day| t.date(day));
    Row::new(vec![
        Cell::link(said(t, errors, &alert.code), format!("{ALERTS}/{}", alert.id)).note(day),
        Cell::text(place),
        Cell::text(owner),
        Cell::text(desk::at(visit, alert.due_at)),
        Cell::part(&state(t, alert)),
    ])
}

fn precision(t: Words, errors: &[CodeWords], rules: &[AlertPrecision]) -> Table {
    let rows = rules.iter().map(|rule| {
        Row::new(vec![
            Cell::text(said(t, errors, &rule.code)),
            Cell::text(t.number(rule.total)),
            Cell::text(t.number(rule.confirmed)),
            Cell::text(desk::share(t, rule.confirmed, rule.total)),
        ])
    });
    let columns = vec![
        Column::text(t.get("exceptions.rule")).main(),
        Column::number(t.get("alerts.closed")),
        Column::number(t.get("exceptions.confirmed")),
        Column::number(t.get("exceptions.precision")),
    ];
    let none = Empty::new(t.get("alerts.no_outcomes"), t.get("alerts.no_outcomes_text"));
    Table::new(t, t.get("alerts.precision"), columns).rows(rows).empty(none)
}

pub(super) async fn one(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    page(&web, &visit, desk::id(&id)?, &Refused::default(), StatusCode::OK).await
}

async fn page(
    web: &Web,
    visit: &Visit,
    id: Id,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, Failure> {
    let org = desk::org(visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let alert = alert_by_id(&mut tx, org, id).await?.ok_or_else(Failure::not_found)?;
    let mut names = Names::default();
    let errors = &web.works.rules.metering.alert.error;
    let mut facts = Definitions::new()
        .html(t.get("alerts.state"), Html::of(&state(t, &alert)))
        .text(t.get("alerts.number"), &alert.exception_or_own())
        .text(t.get("alerts.place"), &place(&mut names, &mut tx, org, &alert).await?)
        .text(t.get("alerts.owner"), &owner(visit, &mut names, &mut tx, &alert).await?)
        .text(t.get("alerts.raised"), &desk::at(visit, alert.raised_at))
        .text(t.get("alerts.raised_by"), &names.person(&mut tx, t, alert.raised_by).await?)
        .text(t.get("alerts.due"), &desk::at(visit, alert.due_at));
    if let (Some(at), Some(by)) = (alert.acknowledged_at, alert.acknowledged_by) {
        let by = names.person(&mut tx, t, by).await?;
        facts =
            facts.text(t.get("alerts.acknowledged"), &format!("{} · {by}", desk::at(visit, at)));
    }
    if let Some(at) = alert.escalated_at {
        facts = facts.text(t.get("alerts.escalated"), &desk::at(visit, at));
    }
    if !alert.note.is_empty() {
        facts = facts.text(t.get("alerts.note"), &alert.note);
    }
    if let Some(note) = &alert.outcome_note {
        facts = facts.text(t.get("alerts.outcome_note"), note);
    }
    let page = visit.page(said(t, errors, &alert.code)).crumb(t.get("nav.alerts"), ALERTS);
    let deeds = deeds(visit, &page, &alert, refused);
    let mut sheet = Sheet::new(page).maybe(refused.alert(t)).part(&Card::new("").part(&facts));
    for deed in &deeds {
        sheet = sheet.part(deed);
    }
    Ok(render(status, &sheet))
}

/// What can be done about an alert: look at it, decide its finding, close it.
fn deeds(visit: &Visit, page: &Page, alert: &AlertRow, refused: &Refused) -> Vec<Html> {
    let t = visit.t();
    let mut deeds = Vec::new();
    if alert.exception.get() != 0 {
        let href = format!("/console/exceptions/{}", alert.exception);
        deeds.push(Html::link(t.get("alerts.finding"), &href));
    }
    if alert.photo_type.is_some() {
        let href = format!("{ALERTS}/{}/photo", alert.id);
        deeds.push(Html::link(t.get("alerts.photo"), &href));
    }
    let may = visit.may(Right::ExceptionDecide) && alert.state != "closed";
    if may && alert.photo_type.is_none() && alert.kind == "error" {
        let action = format!("{ALERTS}/{}/photo", alert.id);
        let form = UploadForm::new(page, &action, t.get("alerts.add_photo")).field(
            Field::new(t, "photo", t.get("alerts.photo"), Input::File)
                .required()
                .hint(t.get("alerts.photo_hint"))
                .error(refused.error("photo")),
        );
        deeds.push(Html::of(&Card::new(t.get("alerts.add_photo")).part(&form)));
    }
    if may && alert.state == "open" {
        let action = format!("{ALERTS}/{}/acknowledge", alert.id);
        let deed = Deed::new(page, &action, t.get("alerts.acknowledge"));
        deeds.push(Html::of(&deed.primary().hidden("version", alert.version.to_string())));
    }
    if may && alert.kind != "finding" {
        let words = ["confirmed", "false_alarm"];
        let words = words.map(|word| (word.to_owned(), t.of("alert_outcome", word).to_owned()));
        let choices = desk::choices(t.get("exceptions.choose"), words);
        let action = format!("{ALERTS}/{}/close", alert.id);
        let form = Form::new(page, &action, t.get("alerts.close"))
            .hidden("version", alert.version.to_string())
            .field(
                Field::new(t, "outcome", t.get("alerts.outcome"), Input::Select)
                    .required()
                    .choices(choices)
                    .kept(refused),
            )
            .field(
                Field::new(t, "note", t.get("alerts.outcome_note"), Input::Area)
                    .required()
                    .kept(refused),
            );
        deeds.push(Html::of(&Card::new(t.get("alerts.close_title")).part(&form)));
    }
    deeds
}

pub(super) async fn acknowledge(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExceptionDecide).await?;
    let id = desk::id(&id)?;
    let version = sent.value("version").parse().unwrap_or(0);
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = alerts::acknowledge(&ctx, &mut tx, org, (id, version)).await;
    visit.finish(&ctx, tx, done).await?;
    let text = visit.t().get("alerts.is_acknowledged");
    Ok(visit.go(&format!("{ALERTS}/{id}")).flash(Sign::Ok, text).into_response())
}

/// The photo as it was added.
pub(super) async fn photo(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let (kind, bytes) = alerts::photo(&web.works, org, desk::id(&id)?).await?;
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

/// An upload that broke off, or is larger than the route takes.
#[expect(clippy::needless_pass_by_value, reason = "used as map_err(broken)")]
fn broken(error: axum::extract::multipart::MultipartError) -> Failure {
    Failure::of_status(error.status())
}

pub(super) async fn add_photo(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    mut form: Multipart,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExceptionDecide).await?;
    let (id, t) = (desk::id(&id)?, visit.t());
    let mut bytes = Vec::new();
    while let Some(part) = form.next_field().await.map_err(broken)? {
        if part.name() == Some("photo") {
            bytes = part.bytes().await.map_err(broken)?.to_vec();
        }
    }
    match alerts::attach_photo(&web.works, visit.actor(), org, (id, bytes)).await {
        Ok(()) => {
            let to = format!("{ALERTS}/{id}");
            Ok(visit.go(&to).flash(Sign::Ok, t.get("alerts.photo_added")).into_response())
        }
        Err(AlertError::Field { .. }) => {
            let sent = Sent::default();
            let mut check = sent.check(t);
            check.wrong("photo", t.get("alerts.photo_hint"));
            let refused = check.refused().unwrap_or_default();
            page(&web, &visit, id, &refused, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn close(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExceptionDecide).await?;
    let (id, t) = (desk::id(&id)?, visit.t());
    let mut check = sent.check(t);
    let words = check.required("note", 1_000);
    let outcome = Outcome::from_word(sent.value("outcome"));
    if outcome.is_none() {
        check.wrong("outcome", t.get("form.required"));
    }
    let Some(outcome) = outcome.filter(|_| check.is_good()) else {
        let refused = check.refused().unwrap_or_default();
        return page(&web, &visit, id, &refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let version = sent.value("version").parse().unwrap_or(0);
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = alerts::close(&ctx, &mut tx, org, (id, version), (outcome, &words)).await;
    visit.finish(&ctx, tx, done).await?;
    Ok(visit.go(ALERTS).flash(Sign::Ok, t.get("alerts.is_closed")).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Prefilled {
    point: String,
}

pub(super) async fn form(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Prefilled>,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::ExceptionDecide).await?;
    Ok(log_page(&web, &visit, &asked.point, &Refused::default(), StatusCode::OK))
}

/// The form to log an error. It carries the id of what it logs, so that sent twice it logs one.
fn log_page(
    web: &Web,
    visit: &Visit,
    point: &str,
    refused: &Refused,
    status: StatusCode,
) -> Response {
    let t = visit.t();
    let rules = &web.works.rules.metering.alert;
    let page = visit.page(t.get("alerts.log")).crumb(t.get("nav.alerts"), ALERTS);
    let known = refused.value("id").parse::<Id>().unwrap_or_else(|_| web.works.db.next_id());
    let sent = refused.value("point");
    let mut codes = desk::choices(t.get("exceptions.choose"), []);
    codes.extend(catalogue(t, &rules.error));
    let form = Form::new(&page, LOG, t.get("alerts.log"))
        .hidden("id", known.to_string())
        .field(
            Field::new(t, "point", t.get("fault.point"), Input::Text)
                .required()
                .kept(refused)
                .value(if sent.is_empty() { point } else { sent }),
        )
        .field(
            Field::new(t, "code", t.get("alerts.code"), Input::Select)
                .required()
                .choices(codes)
                .kept(refused),
        )
        .field(Field::new(t, "note", t.get("alerts.note"), Input::Area).kept(refused))
        .cancel(t.get("form.cancel"), ALERTS);
    let lead = t.with("alerts.log_lead", &[("hours", &rules.acknowledge_hours)]);
    let card = Card::new("").part(&paragraph(&lead)).part(&form);
    render(status, &Sheet::new(page).maybe(refused.alert(t)).part(&card))
}

pub(super) async fn log(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExceptionDecide).await?;
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
                let id = sent.value("id").parse().unwrap_or_else(|_| web.works.db.next_id());
                let rules = &web.works.rules.metering.alert;
                let new = NewError { id, code, usage_point, note };
                match alerts::log_error(&ctx, &mut tx, org, &new, rules).await {
                    Ok(alert) => {
                        tx.commit().await?;
                        let text = t.get("alerts.logged");
                        let to = format!("{ALERTS}/{alert}");
                        return Ok(visit.go(&to).flash(Sign::Ok, text).into_response());
                    }
                    Err(AlertError::Field { .. }) => check.wrong("code", t.get("form.required")),
                    Err(error) => {
                        visit.finish(&ctx, tx, Err::<(), _>(error)).await?;
                    }
                }
            }
        }
    }
    let refused = check.refused().unwrap_or_default();
    Ok(log_page(&web, &visit, &point, &refused, StatusCode::UNPROCESSABLE_ENTITY))
}
