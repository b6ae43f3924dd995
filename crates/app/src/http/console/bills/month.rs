//! A month's bills at a glance: how many stand where, which wait for a person and why, and the
//! list of one state.

use access::{Ctx, Right};
use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use jiff::ToSpan;
use kernel::{Date, Id};
use registry::premises::account_by_id;
use serde::Deserialize;
use store::Tx;
use supply::billing::{
    BillRow, SkippedRow, bill_runs, bills_in_state, review_queue, skipped_of_period,
    totals_by_state,
};

use super::{super::shown, log, show};
use crate::http::{
    Failure, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Cell, Column, Empty, Field, Figure, Input, Page, Pager, Row, Table},
};

/// Rows of a page of a list.
const PAGE: usize = 50;
/// Usage points without a bill that are listed.
const SKIPPED_MAX: i64 = 200;
/// The most rows of one export.
const EXPORT_MAX: i64 = 200_000;
const STATES: [&str; 4] = ["review", "ready", "issued", "replaced"];

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    month: String,
    #[serde(default)]
    state: String,
    /// The last id of the list's page before.
    #[serde(default)]
    after: String,
    /// The last total and id of the queue's page before.
    #[serde(default)]
    queue: String,
}

/// A bill with the 户号 of its account.
struct Listed {
    bill: BillRow,
    account_no: String,
}

struct Found {
    month: Date,
    closed: bool,
    totals: Vec<(String, i64, i64, i64)>,
    queue: Vec<Listed>,
    queue_next: Option<String>,
    list: Vec<Listed>,
    list_next: Option<Id>,
    skipped: Vec<SkippedRow>,
    figures: Vec<Figure>,
}

/// The month that is asked for, else the one closed last, else this month.
async fn month(ctx: &Ctx<'_>, tx: &mut Tx, web: &Web, text: &str) -> Result<(Date, bool), Failure> {
    let runs = bill_runs(tx, ctx.actor.org(), 24).await?;
    let today = web.zone.date_of(ctx.now());
    let latest = runs.first().map_or(today.first_of_month(), |run| run.period_from);
    let month = format!("{text}-01").parse().unwrap_or(latest);
    Ok((month, runs.iter().any(|run| run.period_from == month)))
}

fn state_of(asked: &Asked) -> &'static str {
    STATES.into_iter().find(|state| *state == asked.state).unwrap_or("issued")
}

async fn listed(tx: &mut Tx, bills: Vec<BillRow>) -> Result<Vec<Listed>, Failure> {
    let mut out = Vec::with_capacity(bills.len());
    for bill in bills {
        let account = account_by_id(tx, bill.org, bill.account).await?;
        let account_no = account.map(|account| account.account_no).unwrap_or_default();
        out.push(Listed { bill, account_no });
    }
    Ok(out)
}

async fn find(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (web, t): (&Web, Words),
    asked: &Asked,
) -> Result<Found, Failure> {
    let org = ctx.actor.org();
    ctx.require(Right::BillRead, org)?;
    let (month, closed) = month(ctx, tx, web, &asked.month).await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let (total, id) = asked
        .queue
        .split_once('~')
        .and_then(|(total, id)| Some((total.parse().ok()?, id.parse().ok()?)))
        .unwrap_or((i64::MAX, Id::from_i64(0)));
    let mut queue = review_queue(tx, org, total, id, limit).await?;
    let more = queue.len() > PAGE;
    queue.truncate(PAGE);
    let queue_next =
        queue.last().filter(|_| more).map(|bill| format!("{}~{}", bill.total_units, bill.id));
    let after = asked.after.parse().unwrap_or(Id::from_i64(0));
    let mut list = bills_in_state(tx, org, state_of(asked), month, after, limit).await?;
    let more = list.len() > PAGE;
    list.truncate(PAGE);
    let end = month.checked_add(1.month()).unwrap_or(month);
    Ok(Found {
        figures: log::figures(tx, t, org, (month, end)).await?,
        month,
        closed,
        totals: totals_by_state(tx, org, month).await?,
        skipped: skipped_of_period(tx, org, month, SKIPPED_MAX).await?,
        queue_next,
        list_next: list.last().filter(|_| more).map(|bill| bill.id),
        queue: listed(tx, queue).await?,
        list: listed(tx, list).await?,
    })
}

/// A bill that waits, as the template shows it.
struct Waiting {
    value: String,
    href: String,
    bill_no: String,
    account_no: String,
    account_href: String,
    month: String,
    total: String,
    energy: String,
    reasons: Vec<String>,
}

#[derive(Template)]
#[template(path = "console/bills/month.html")]
struct MonthPage {
    t: Words,
    page: Page,
    filter: Field,
    figures: Vec<Figure>,
    totals: Table,
    skipped: Option<Table>,
    again: Option<String>,
    queue: Vec<Waiting>,
    queue_empty: Empty,
    queue_next: Option<String>,
    may_review: bool,
    list: Table,
    pager: Pager,
    csv: Option<String>,
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let ctx = visit.ctx();
    let mut tx = web.works.db.read().await?;
    let t = visit.t();
    let done = find(&ctx, &mut tx, (&web, t), &asked).await;
    let found = visit.finish(&ctx, tx, done).await?;
    let month = found.month.strftime("%Y-%m").to_string();
    let state = state_of(&asked);
    let here = format!("{}?month={month}", super::MONTH);
    let list_here = format!("{here}&state={state}");
    let pager = Pager::new(t, found.list.len(), total_of(&found, state))
        .first((!asked.after.is_empty()).then(|| list_here.clone()))
        .next(found.list_next.map(|id| format!("{list_here}&after={id}#list")));
    let csv = format!("/console/bills.csv?month={month}&state={state}");
    Ok(ok(&MonthPage {
        t,
        page: visit.page(t.with("bills.month_title", &[("month", &t.month(found.month))])),
        filter: Field::new(t, "month", t.get("bills.month"), Input::Month).value(month).required(),
        figures: found.figures.clone(),
        totals: totals(t, &found, &here),
        skipped: skipped(t, &found),
        again: (visit.may(Right::SettlementRun) && !found.skipped.is_empty())
            .then(|| found.month.to_string()),
        queue: found.queue.iter().map(|row| waiting(t, row)).collect(),
        queue_empty: Empty::new(t.get("bills.queue_empty"), t.get("bills.queue_empty_text")),
        queue_next: found.queue_next.as_ref().map(|next| format!("{here}&queue={next}")),
        may_review: visit.may(Right::BillReview),
        list: list(t, &found, state),
        pager,
        csv: (visit.may(Right::ExportData) && !found.list.is_empty()).then_some(csv),
    }))
}

/// Who got no bill of the month, and why.
fn skipped(t: Words, found: &Found) -> Option<Table> {
    let columns = vec![
        Column::text(t.get("bills.usage_point")).main(),
        Column::text(t.get("bills.skip_reason")),
    ];
    let rows = found.skipped.iter().map(|row| {
        let readings = format!("/console/usage-points/{}/readings", row.usage_point);
        Row::new(vec![
            Cell::link(&row.code, readings),
            Cell::text(t.of("trade.skip_reason", &row.reason)).note(row.detail.clone()),
        ])
    });
    let table = Table::new(t, t.get("bills.skipped"), columns).rows(rows);
    (!found.skipped.is_empty()).then_some(table)
}

fn total_of(found: &Found, state: &str) -> Option<i64> {
    found.totals.iter().find(|row| row.0 == state).map(|row| row.1)
}

fn totals(t: Words, found: &Found, here: &str) -> Table {
    let columns = vec![
        Column::text(t.get("bills.state")).main(),
        Column::number(t.get("bills.count")),
        Column::number(t.get("bills.energy_kwh")),
        Column::number(t.get("bills.total")),
    ];
    let rows = found.totals.iter().map(|(state, count, units, energy_ukwh)| {
        let badge = crate::http::ui::Html::of(&shown::bill_state(t, state));
        Row::new(vec![
            Cell::part(&badge),
            Cell::link(t.number(*count), format!("{here}&state={state}#list")),
            Cell::text(shown::kwh_figure(t, *energy_ukwh)),
            Cell::text(shown::amount(t, *units)),
        ])
    });
    let standing = || found.totals.iter().filter(|row| row.0 != "replaced");
    let all = Row::new(vec![
        Cell::text(t.get("bills.sum")).note(t.get("bills.sum_note")),
        Cell::text(t.number(standing().map(|row| row.1).sum())),
        Cell::text(shown::kwh_figure(t, standing().map(|row| row.3).sum())),
        Cell::text(shown::amount(t, standing().map(|row| row.2).sum())),
    ]);
    let empty = if found.closed {
        Empty::new(t.get("bills.month_none"), t.get("bills.month_none_text"))
    } else {
        Empty::new(t.get("bills.month_open"), t.get("bills.month_open_text"))
    };
    let any = !found.totals.is_empty();
    Table::new(t, t.get("bills.by_state"), columns)
        .rows(rows)
        .rows(any.then(|| all.total()))
        .empty(empty)
}

fn waiting(t: Words, row: &Listed) -> Waiting {
    let bill = &row.bill;
    Waiting {
        value: format!("{}.{}", bill.id, bill.version),
        href: format!("/console/bills/{}", bill.id),
        bill_no: bill.bill_no.clone(),
        account_no: row.account_no.clone(),
        account_href: format!("/console/customers/{}", bill.account),
        month: t.month(bill.period_from),
        total: shown::amount(t, bill.total_units),
        energy: shown::kwh_figure(t, bill.energy_ukwh),
        reasons: show::reasons(t, &bill.review_reasons),
    }
}

fn list(t: Words, found: &Found, state: &str) -> Table {
    let columns = vec![
        Column::text(t.get("bills.number")).main(),
        Column::text(t.get("bills.account")),
        Column::number(t.get("bills.energy_kwh")),
        Column::number(t.get("bills.estimated_days")),
        Column::number(t.get("bills.total")),
    ];
    let rows = found.list.iter().map(|Listed { bill, account_no }| {
        Row::new(vec![
            Cell::link(&bill.bill_no, format!("/console/bills/{}", bill.id)),
            Cell::link(account_no, format!("/console/customers/{}", bill.account)),
            Cell::text(shown::kwh_figure(t, bill.energy_ukwh)),
            Cell::text(t.number(bill.estimated_day_count)),
            Cell::text(shown::amount(t, bill.total_units)),
        ])
    });
    let word = t.of("trade.bill_state", state);
    let empty =
        Empty::new(t.with("bills.list_empty", &[("state", &word)]), t.get("bills.list_empty_text"));
    let caption = t.with("bills.list_title", &[("state", &word)]);
    Table::new(t, caption, columns).rows(rows).empty(empty)
}

/// The bills of a month in one state as CSV.
pub(super) async fn export(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let t = visit.t();
    let ctx = visit.ctx();
    let mut tx = web.works.db.read().await?;
    let done = exported(&ctx, &mut tx, &web, &asked).await;
    let (month, bills) = visit.finish(&ctx, tx, done).await?;
    let heading = [
        t.get("bills.number"),
        t.get("bills.account"),
        t.get("bills.from"),
        t.get("bills.to"),
        t.get("bills.state"),
        t.get("bills.energy_kwh"),
        t.get("bills.day_count"),
        t.get("bills.estimated_days"),
        t.get("bills.total"),
        t.get("bills.currency"),
    ];
    let row = |Listed { bill, account_no }: &Listed| {
        vec![
            bill.bill_no.clone(),
            account_no.clone(),
            bill.period_from.to_string(),
            bill.period_to.to_string(),
            t.of("trade.bill_state", &bill.state).to_owned(),
            shown::csv_kwh(bill.energy_ukwh),
            bill.day_count.to_string(),
            bill.estimated_day_count.to_string(),
            shown::csv_amount(bill.total_units),
            bill.currency.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = bills.iter().map(row).collect();
    Ok(shown::csv(&format!("bills-{}.csv", month.strftime("%Y-%m")), &heading, &rows))
}

async fn exported(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    web: &Web,
    asked: &Asked,
) -> Result<(Date, Vec<Listed>), Failure> {
    let org = ctx.actor.org();
    ctx.require(Right::BillRead, org)?;
    let (month, _) = month(ctx, tx, web, &asked.month).await?;
    let none = Id::from_i64(0);
    let bills = bills_in_state(tx, org, state_of(asked), month, none, EXPORT_MAX).await?;
    Ok((month, listed(tx, bills).await?))
}
