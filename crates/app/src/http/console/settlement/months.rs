//! Month close: the months with their bills by state, closing the next one, and issuing what is
//! ready.

use std::collections::BTreeMap;

use access::Right;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use jiff::ToSpan;
use kernel::{Date, Id, Money};
use store::Tx;
use supply::{
    billing::{BillRunRow, bill_run_of, bill_runs, skipped_of_period, totals_by_state},
    settlement::last_settled,
};

use super::{MONTHS, in_hand};
use crate::{
    http::{
        Failure, Visit, Web,
        console::{
            confirm::ConfirmPage,
            desk,
            operations::month_to_close,
            sheet::{Card, Deed, Sheet, paragraph},
        },
        failure::ok,
        form::Sent,
        ui::{Cell, Column, Empty, Page, Row, Sign, Table},
    },
    work::{CLOSE_MONTH, ISSUE_BILLS, Month},
};

/// How many months the page shows.
const SHOWN_MONTHS: i64 = 36;

/// Bills and their sum, by state.
type Totals = BTreeMap<String, (i64, i64)>;

pub(super) async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::SettlementRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let mut months = Vec::new();
    for run in bill_runs(&mut tx, org, SHOWN_MONTHS).await? {
        let totals = totals(&mut tx, org, run.period_from).await?;
        months.push((run, totals));
    }
    let next = next_month(&mut tx, org, months.first().map(|(run, _)| run)).await?;
    let work = in_hand(&visit, &mut tx, org).await?;
    let page = visit.page(t.get("nav.months"));
    let close = close_part(&visit, &page, next);
    let list = list(&visit, &months);
    Ok(Sheet::new(page).maybe(work).maybe(close).part(&list).show())
}

async fn totals(tx: &mut Tx, org: Id, from: Date) -> Result<Totals, Failure> {
    let rows = totals_by_state(tx, org, from).await?;
    Ok(rows.into_iter().map(|(state, count, sum, _)| (state, (count, sum))).collect())
}

/// The month to close: one that was begun and not ended, else the one after the last, when all of
/// its days are settled.
async fn next_month(
    tx: &mut Tx,
    org: Id,
    last: Option<&BillRunRow>,
) -> Result<Option<Date>, Failure> {
    let Some(settled) = last_settled(tx, org).await? else { return Ok(None) };
    let Some(over) = month_to_close(settled.day) else { return Ok(None) };
    Ok(match last {
        Some(run) if run.state != "done" => Some(run.period_from),
        Some(run) => run.period_from.checked_add(1.month()).ok().filter(|month| *month <= over),
        None => Some(over),
    })
}

fn close_part(visit: &Visit, page: &Page, month: Option<Date>) -> Option<Card> {
    let t = visit.t();
    let month = month.filter(|_| visit.may(Right::SettlementRun))?;
    let label = t.with("months.close", &[("month", &t.month(month))]);
    Some(
        Card::new("")
            .part(&paragraph(t.get("months.close_text")))
            .part(&Deed::new(page, MONTHS, &label).hidden("from", month.to_string()).primary()),
    )
}

fn list(visit: &Visit, months: &[(BillRunRow, Totals)]) -> Table {
    let t = visit.t();
    let rows = months.iter().map(|(run, totals)| {
        let of = |state: &str| totals.get(state).copied().unwrap_or_default();
        let (review, ready, issued) = (of("review").0, of("ready").0, of("issued").0);
        let sum = totals
            .iter()
            .filter(|(state, _)| *state != "replaced")
            .fold(0_i64, |sum, (_, (_, units))| sum.saturating_add(*units));
        let state = |state: &str, count: i64| {
            let month = run.period_from.strftime("%Y-%m");
            let href = format!("/console/bills?month={month}&state={state}");
            if count == 0 { Cell::text(t.number(0)) } else { Cell::link(t.number(count), href) }
        };
        let issue = if ready > 0 && visit.may(Right::BillIssue) {
            let href = format!("{MONTHS}/{}/issue", run.period_from);
            Cell::part(&super::super::sheet::button(t.get("months.issue"), &href))
        } else {
            Cell::text("")
        };
        Row::new(vec![
            Cell::text(t.month(run.period_from)),
            Cell::part(&desk::run_state(t, &run.state))
                .note(run.message.clone().unwrap_or_default()),
            Cell::text(format!("{} / {}", t.number(run.bills_done), t.number(run.bills_total))),
            state("review", review),
            state("ready", ready),
            state("issued", issued),
            Cell::text(t.money(Money::cny(sum))),
            issue,
        ])
    });
    let columns = vec![
        Column::text(t.get("months.month")).main(),
        Column::text(t.get("settlement.state")),
        Column::number(t.get("months.made")),
        Column::number(t.get("months.review")),
        Column::number(t.get("months.ready")),
        Column::number(t.get("months.issued")),
        Column::number(t.get("months.sum")),
        Column::text(""),
    ];
    let none = Empty::new(t.get("months.none"), t.get("months.none_text"));
    Table::new(t, t.get("months.list"), columns).rows(rows).empty(none)
}

pub(super) async fn close(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::SettlementRun).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let last = bill_runs(&mut tx, org, 1).await?.into_iter().next();
    let next = next_month(&mut tx, org, last.as_ref()).await?;
    let asked = desk::day(sent.value("from"));
    // A closed month may be taken up again for those who got no bill.
    let again = match asked {
        Some(from) => !skipped_of_period(&mut tx, org, from, 1).await?.is_empty(),
        None => false,
    };
    drop(tx);
    let Some(from) = asked.filter(|asked| again || next == Some(*asked)) else {
        return Ok(visit.go(MONTHS).flash(Sign::Warn, t.get("months.not_next")).into_response());
    };
    enqueue(&visit, org, CLOSE_MONTH, from).await?;
    let text = t.with("months.closing", &[("month", &t.month(from))]);
    Ok(visit.go(MONTHS).flash(Sign::Ok, text).into_response())
}

async fn enqueue(visit: &Visit, org: Id, name: &str, from: Date) -> Result<Id, Failure> {
    let to = from.checked_add(1.month()).map_err(|_| Failure::not_found())?;
    desk::enqueue(visit, org, name, &format!("{org}:{from}"), &Month { from, to }).await
}

pub(super) async fn ask(
    State(web): State<Web>,
    visit: Visit,
    Path(from): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::BillIssue).await?;
    let t = visit.t();
    let from = desk::day(&from).ok_or_else(Failure::not_found)?;
    let mut tx = web.works.db.read().await?;
    bill_run_of(&mut tx, org, from).await?.ok_or_else(Failure::not_found)?;
    let totals = totals(&mut tx, org, from).await?;
    let (ready, sum) = totals.get("ready").copied().unwrap_or_default();
    let review = totals.get("review").map_or(0, |(count, _)| *count);
    if ready == 0 {
        return Ok(visit.go(MONTHS).flash(Sign::Info, t.get("months.none_ready")).into_response());
    }
    let month = t.month(from);
    let page = visit
        .page(t.with("months.issue_title", &[("month", &month)]))
        .crumb(t.get("nav.months"), MONTHS);
    let question = t.with(
        "months.issue_question",
        &[("count", &t.number(ready)), ("sum", &t.money(Money::cny(sum)))],
    );
    let due = desk::today(&visit)
        .checked_add(web.works.rules.terms.due_days.days())
        .map_or_else(|_| String::new(), |day| t.date(day));
    let mut confirm = ConfirmPage::new(
        page,
        &question,
        &format!("{MONTHS}/{from}/issue"),
        t.get("months.issue"),
        MONTHS,
    )
    .consequence(&t.with("months.issue_due", &[("day", &due)]))
    .consequence(t.get("months.issue_ledger"))
    .consequence(t.get("months.issue_final"));
    if review > 0 {
        confirm =
            confirm.consequence(&t.with("months.issue_review", &[("count", &t.number(review))]));
    }
    Ok(ok(&confirm))
}

pub(super) async fn issue(
    State(web): State<Web>,
    visit: Visit,
    Path(from): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::BillIssue).await?;
    let from = desk::day(&from).ok_or_else(Failure::not_found)?;
    let mut tx = web.works.db.read().await?;
    bill_run_of(&mut tx, org, from).await?.ok_or_else(Failure::not_found)?;
    drop(tx);
    enqueue(&visit, org, ISSUE_BILLS, from).await?;
    let text = visit.t().get("months.issuing");
    Ok(visit.go(MONTHS).flash(Sign::Ok, text).into_response())
}
