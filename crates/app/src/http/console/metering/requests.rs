//! Asking meters: the form, the list, and one request that shows when the answer has arrived or that
//! none came and what to do.

use access::Right;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Date, Id, Instant};
use lake::tables::ReadingRow;
use metering::reading::{RegisterKind, Source};
use serde::Deserialize;
use supply::{
    readings::history,
    requests::{self, Ask, RequestError, RequestRow, request_by_id, request_counts, request_list},
};

use super::{LOG, REQUESTS};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        sheet::{Card, FilterBar, Form, Sheet, paragraph},
    },
    failure::render,
    form::{Refused, Sent},
    i18n::Words,
    ui::{Alert, Badge, Cell, Column, Definitions, Empty, Field, Html, Input, Row, Sign, Table},
};

const PURPOSES: [&str; 4] = ["on_demand", "retry", "memory", "field"];
const STATES: [&str; 5] = ["open", "handed", "answered", "expired", "cancelled"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Asked {
    purpose: String,
    state: String,
    point: String,
    after: String,
}

pub(super) async fn list(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    page(&web, &visit, &asked, &Refused::default(), StatusCode::OK).await
}

async fn page(
    web: &Web,
    visit: &Visit,
    asked: &Asked,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, Failure> {
    let org = desk::org(visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let part = desk::part(&asked.after)?;
    let found = request_list(&mut tx, org, (&asked.purpose, &asked.state), &part).await?;
    let (mut rows, mut names) = (Vec::new(), Names::default());
    for request in &found.items {
        let (code, ..) = names.point(&mut tx, org, request.usage_point).await?;
        rows.push(Row::new(vec![
            Cell::link(code, format!("{REQUESTS}/{}", request.id)),
            Cell::text(t.of("request_purpose", &request.purpose)),
            Cell::text(desk::at(visit, request.asked_at)),
            Cell::text(t.number(request.attempt)),
            Cell::part(&state(t, &request.state)).note(request.failure.clone()),
        ]));
    }
    let columns = vec![
        Column::text(t.get("exceptions.usage_point")).main(),
        Column::text(t.get("requests.purpose")),
        Column::text(t.get("requests.asked_at")),
        Column::number(t.get("requests.attempts")),
        Column::text(t.get("requests.state")),
    ];
    let empty = Empty::new(t.get("requests.none"), t.get("requests.none_text"));
    let shown = rows.len();
    let list = Table::new(t, t.get("requests.list"), columns).rows(rows).empty(empty);
    let counts = counts(t, &request_counts(&mut tx, org).await?);
    let page = visit.page(t.get("nav.requests"));
    let filters = [("purpose", asked.purpose.as_str()), ("state", asked.state.as_str())];
    let bar = FilterBar { page: &page, action: REQUESTS, fields: fields(t, asked) };
    let (bar, ask) = (Html::of(&bar), ask_form(visit, &page, asked, refused));
    let base = desk::address(REQUESTS, &filters);
    let pager = desk::pager(t, &base, shown, &asked.after, found.next.as_deref());
    let sheet = Sheet::new(page)
        .maybe(refused.alert(t))
        .maybe(ask)
        .part(&counts)
        .part(&bar)
        .part(&list)
        .part(&pager);
    Ok(render(status, &sheet))
}

fn ask_form(
    visit: &Visit,
    page: &crate::http::ui::Page,
    asked: &Asked,
    refused: &Refused,
) -> Option<Card> {
    if !visit.may(Right::ReadingRequest) {
        return None;
    }
    let t = visit.t();
    let sent = refused.value("point");
    let form = Form::new(page, REQUESTS, t.get("requests.ask"))
        .field(
            Field::new(t, "point", t.get("fault.point"), Input::Text)
                .required()
                .kept(refused)
                .value(if sent.is_empty() { &asked.point } else { sent }),
        )
        .field(
            Field::new(t, "from", t.get("requests.from"), Input::Date)
                .hint(t.get("requests.from_hint"))
                .kept(refused),
        )
        .field(Field::new(t, "through", t.get("requests.through"), Input::Date).kept(refused));
    let lead =
        t.with("requests.lead", &[("s", &visit.web().works.rules.metering.request.answer_s)]);
    Some(Card::new(t.get("requests.ask_title")).part(&paragraph(&lead)).part(&form))
}

fn fields(t: Words, asked: &Asked) -> Vec<Field> {
    let named = |group: &'static str, words: &[&str]| {
        let pair = |word: &&str| ((*word).to_owned(), t.of(group, word).to_owned());
        words.iter().map(pair).collect::<Vec<_>>()
    };
    let purposes = named("request_purpose", &PURPOSES);
    vec![
        Field::new(t, "purpose", t.get("requests.purpose"), Input::Select)
            .required()
            .choices(desk::choices(t.get("requests.every_purpose"), purposes))
            .value(&asked.purpose),
        Field::new(t, "state", t.get("requests.state"), Input::Select)
            .required()
            .choices(desk::choices(t.get("requests.every_state"), named("request_state", &STATES)))
            .value(&asked.state),
    ]
}

fn counts(t: Words, counts: &[(String, String, i64)]) -> Table {
    let rows = counts.iter().map(|(purpose, state, count)| {
        let href = desk::address(REQUESTS, &[("purpose", purpose), ("state", state)]);
        Row::new(vec![
            Cell::text(t.of("request_purpose", purpose)),
            Cell::text(t.of("request_state", state)),
            Cell::link(t.number(*count), href),
        ])
    });
    let columns = vec![
        Column::text(t.get("requests.purpose")).main(),
        Column::text(t.get("requests.state")),
        Column::number(t.get("requests.count")),
    ];
    Table::new(t, t.get("requests.counts"), columns).rows(rows)
}

fn state(t: Words, state: &str) -> Badge {
    let sign = match state {
        "answered" => Sign::Ok,
        "expired" => Sign::Bad,
        "cancelled" => Sign::Neutral,
        _ => Sign::Info,
    };
    Badge::new(sign, t.of("request_state", state))
}

pub(super) async fn ask(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRequest).await?;
    let t = visit.t();
    let mut check = sent.check(t);
    let point = check.required("point", 40);
    let from = check.optional("from", 10).map(|text| desk::day(&text));
    let through = check.optional("through", 10).map(|text| desk::day(&text));
    let days = match (from, through) {
        (None, None) => None,
        (Some(Some(from)), Some(Some(through))) => {
            Some((from, through.tomorrow().unwrap_or(through)))
        }
        _ => {
            check.wrong("from", t.get("requests.both_days"));
            None
        }
    };
    if check.is_good() {
        let mut tx = web.works.db.begin().await?;
        match desk::point_of(&mut tx, org, &point).await? {
            None => check.wrong("point", t.get("fault.no_point")),
            Some(usage_point) => {
                let ctx = visit.ctx();
                let rules = (desk::today(&visit), &web.works.rules.metering.request);
                match requests::ask(&ctx, &mut tx, org, &Ask { usage_point, days }, rules).await {
                    Ok(id) => {
                        tx.commit().await?;
                        return Ok(visit.go(&format!("{REQUESTS}/{id}")).into_response());
                    }
                    Err(RequestError::NoMeter) => check.wrong("point", t.get("fault.no_meter")),
                    Err(RequestError::NotAutomatic) => {
                        check.wrong("point", t.get("requests.not_automatic"));
                    }
                    Err(RequestError::Asked) => check.wrong("point", t.get("requests.is_asked")),
                    Err(RequestError::Days(_)) => check.wrong("from", t.get("requests.bad_days")),
                    Err(error) => {
                        visit.finish(&ctx, tx, Err::<(), _>(error)).await?;
                    }
                }
            }
        }
    }
    let asked = Asked { point, ..Asked::default() };
    let refused = check.refused().unwrap_or_default();
    page(&web, &visit, &asked, &refused, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn one(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let request = request_by_id(&mut tx, org, desk::id(&id)?).await?;
    let request = request.ok_or_else(Failure::not_found)?;
    let (code, ..) = Names::default().point(&mut tx, org, request.usage_point).await?;
    drop(tx);
    let waits = is_waiting(&request, web.works.db.now());
    let facts = Definitions::new()
        .html(t.get("requests.state"), Html::of(&state(t, &request.state)))
        .text(t.get("requests.purpose"), t.of("request_purpose", &request.purpose))
        .text(t.get("exceptions.usage_point"), &code)
        .text(t.get("requests.asked_at"), &desk::at(&visit, request.asked_at))
        .text(t.get("requests.attempts"), &t.number(request.attempt));
    let page = visit
        .page(t.with("requests.title", &[("code", &code)]))
        .crumb(t.get("nav.requests"), REQUESTS);
    let point = desk::address(REQUESTS, &[("point", &code)]);
    let log = desk::address(LOG, &[("point", &code)]);
    let mut sheet = Sheet::new(page).part(&told(t, &request, waits));
    if request.state == "answered" {
        sheet = sheet.part(&answers(&web, &visit, org, &request).await?);
    } else if !waits {
        sheet = sheet.action(t.get("requests.again"), &point).action(t.get("alerts.log"), &log);
    }
    let mut response = sheet.part(&Card::new("").part(&facts)).show();
    if waits {
        // Without a script, too, the page shows the answer by itself.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("2"));
    }
    Ok(response)
}

/// Whether a person may still wait for the answer.
fn is_waiting(request: &RequestRow, now: Instant) -> bool {
    let is_open = matches!(request.state.as_str(), "open" | "handed");
    is_open && request.purpose == "on_demand" && now <= request.due_at
}

fn told(t: Words, request: &RequestRow, waits: bool) -> Alert {
    if waits {
        return Alert::new(Sign::Info, t.get("requests.waiting"))
            .text(t.get("requests.waiting_text"));
    }
    match (request.state.as_str(), request.purpose.as_str()) {
        ("answered", _) => Alert::new(Sign::Ok, t.get("requests.arrived")),
        ("expired", _) | (_, "on_demand") => {
            Alert::new(Sign::Bad, t.get("requests.no_answer")).text(t.get("requests.what_to_do"))
        }
        _ => Alert::new(Sign::Info, t.get("requests.planned")),
    }
}

/// What the meter showed.
async fn answers(
    web: &Web,
    visit: &Visit,
    org: Id,
    request: &RequestRow,
) -> Result<Table, Failure> {
    let t = visit.t();
    let from: Date = request.day_from.yesterday().unwrap_or(request.day_from);
    let span = (from, request.day_to);
    let (_, readings) = history(&web.works, org, request.usage_point, span).await?;
    let asked: Vec<&ReadingRow> = readings
        .iter()
        .filter(|row| {
            matches!(Source::from_code(row.source), Some(Source::OnDemand | Source::Handheld))
        })
        .collect();
    let kinds: Vec<RegisterKind> = RegisterKind::ALL
        .into_iter()
        .filter(|kind| asked.iter().any(|row| row.register[kind.index()].is_some()))
        .collect();
    let mut columns = vec![Column::text(t.get("exceptions.at")).main()];
    columns.extend(kinds.iter().map(|kind| Column::number(t.of("trade.register", kind.name()))));
    columns.push(Column::text(t.get("exceptions.source")));
    let rows = asked.iter().map(|row| {
        let mut cells = vec![Cell::text(desk::at(visit, Instant::from_micros(row.at)))];
        cells.extend(kinds.iter().map(|kind| {
            let value = row.register[kind.index()];
            Cell::text(value.map_or_else(String::new, |value| {
                t.decimal(i128::from(value), u32::from(row.scale), 0)
            }))
        }));
        let source = Source::from_code(row.source).map_or("", Source::name);
        cells.push(Cell::text(t.of("trade.reading_source", source)));
        Row::new(cells)
    });
    let none = Empty::new(t.get("requests.elsewhere"), t.get("requests.elsewhere_text"));
    Ok(Table::new(t, t.get("requests.shown"), columns).rows(rows).empty(none))
}
