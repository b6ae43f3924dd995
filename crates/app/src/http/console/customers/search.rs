//! The search: whatever is known of a customer, the results masked, with what matched.

use access::{Ctx, Right};
use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use registry::search::{Found, Hit, MatchedBy, search};
use serde::Deserialize;
use store::Tx;

use super::super::shown;
use crate::http::{
    Failure, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Alert, Badge, Cell, Column, Empty, Html, Page, Row, Sign, Table},
};

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Question {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "console/customers/search.html")]
struct SearchPage {
    t: Words,
    page: Page,
    empty: Option<Empty>,
    table: Option<Table>,
    more: Option<Alert>,
    csv: Option<String>,
}

async fn found(visit: &Visit, web: &Web, question: &str) -> Result<Found, Failure> {
    if question.is_empty() {
        return Ok(Found::default());
    }
    let ctx = visit.ctx();
    let mut tx = web.works.db.read().await?;
    let done = search(&ctx, &mut tx, visit.actor().org(), question).await;
    visit.finish(&ctx, tx, done).await
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(Question { q }): Query<Question>,
) -> Result<Response, Failure> {
    let t = visit.t();
    let question = q.trim();
    let found = found(&visit, &web, question).await?;
    let mut page = visit.page(t.get("customers.title"));
    page.search = question.to_owned();
    let empty = if question.is_empty() {
        Some(Empty::new(t.get("customers.search_start"), t.get("customers.search_start_text")))
    } else if found.hits.is_empty() {
        let title = t.with("customers.search_nothing", &[("q", &question)]);
        Some(Empty::new(title, t.get("customers.search_nothing_text")))
    } else {
        None
    };
    let export = visit.may(Right::ExportData) && !found.hits.is_empty();
    let csv = export.then(|| format!("/console/customers.csv?q={}", shown::query_value(question)));
    let more = found.more.then(|| Alert::new(Sign::Info, t.get("customers.search_more")));
    let table = (!found.hits.is_empty()).then(|| table(t, &found.hits));
    Ok(ok(&SearchPage { t, page, empty, table, more, csv }))
}

fn table(t: Words, hits: &[Hit]) -> Table {
    let columns = vec![
        Column::text(t.get("customers.name")).main(),
        Column::text(t.get("customers.account_no")),
        Column::text(t.get("customers.address")),
        Column::text(t.get("customers.class")),
        Column::text(t.get("customers.matched_by")),
    ];
    let caption = t.with("customers.search_found", &[("n", &hits.len())]);
    Table::new(t, caption, columns).rows(hits.iter().map(|hit| {
        let name = Cell::link(&hit.name, format!("/console/customers/{}", hit.account));
        let name = match hit.closed_on {
            Some(day) => name.note(t.with("customers.closed_on", &[("day", &t.date(day))])),
            None => name,
        };
        let number = Html::link(&hit.account_no, &format!("/console/customers/{}", hit.account));
        Row::new(vec![
            name,
            Cell::part(&number).note(hit.code.clone()),
            Cell::text(&hit.address),
            Cell::text(t.of("trade.usage_class", hit.class.word())),
            Cell::part(&Badge::new(Sign::Neutral, matched(t, hit.matched_by))),
        ])
    }))
}

fn matched(t: Words, by: MatchedBy) -> &'static str {
    match by {
        MatchedBy::Number => t.get("customers.by_number"),
        MatchedBy::NumberTail => t.get("customers.by_number_tail"),
        MatchedBy::NumberStart => t.get("customers.by_number_start"),
        MatchedBy::Name => t.get("customers.by_name"),
        MatchedBy::NameStart => t.get("customers.by_name_start"),
        MatchedBy::Place => t.get("customers.by_place"),
        MatchedBy::NamePart => t.get("customers.by_name_part"),
    }
}

pub(super) async fn export(
    State(web): State<Web>,
    visit: Visit,
    Query(Question { q }): Query<Question>,
) -> Result<Response, Failure> {
    let t = visit.t();
    let found = found(&visit, &web, q.trim()).await?;
    let heading = [
        t.get("customers.account_no"),
        t.get("customers.usage_point"),
        t.get("customers.name"),
        t.get("customers.address"),
        t.get("customers.class"),
        t.get("customers.matched_by"),
    ];
    let rows: Vec<Vec<String>> = found
        .hits
        .iter()
        .map(|hit| {
            vec![
                hit.account_no.clone(),
                hit.code.clone(),
                hit.name.clone(),
                hit.address.clone(),
                t.of("trade.usage_class", hit.class.word()).to_owned(),
                matched(t, hit.matched_by).to_owned(),
            ]
        })
        .collect();
    Ok(shown::csv("customers.csv", &heading, &rows))
}

/// The account that an address names: by its id, or by its 户号.
pub(super) async fn account(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    named: &str,
) -> Result<registry::Account, Failure> {
    let org = ctx.actor.org();
    if let Ok(id) = named.parse()
        && let Some(account) = registry::premises::account_by_id(tx, org, id).await?
    {
        return Ok(account);
    }
    registry::premises::account_by_no(tx, org, named).await?.ok_or_else(Failure::not_found)
}
