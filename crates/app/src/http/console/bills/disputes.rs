//! Disputes (电费争议) as staff see them: recorded for a customer who calls, computed again at once,
//! answered with words that the customer reads in the portal beside the bill.

use access::Right;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Zone;
use supply::billing::{
    self, BillingError, DisputeRow, Outcome, answer_dispute, bill_by_id, dispute_by_id,
    open_disputes,
};

use super::{
    super::{
        confirm::ConfirmPage,
        desk::{self, Names},
        sheet::{Sheet as Parts, paragraph},
        shown,
    },
    DISPUTES,
    sheet::{self, Sheet},
    show,
};
use crate::http::{
    Failure, Visit, Web,
    failure::{ok, render},
    form::{Refused, Sent},
    i18n::Words,
    ui::{Badge, Cell, Choice, Column, Empty, Field, Input, Row, Sign, Table},
};

/// The disputes about a bill's period; none when there never was one.
pub(super) fn table(t: Words, sheet: &Sheet, zone: &Zone, may_answer: bool) -> Option<Table> {
    if sheet.disputes.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text(t.get("bills.disputed_at")).main(),
        Column::text(t.get("bills.claim")),
        Column::text(t.get("bills.checked_again")),
        Column::text(t.get("bills.outcome")),
    ];
    let rows = sheet.disputes.iter().map(|row| {
        let outcome = match (&row.outcome, &row.answer) {
            (Some(outcome), Some(answer)) => {
                let by = sheet.person(row.closed_by);
                Cell::text(t.of("trade.dispute_outcome", outcome)).note(format!("{answer} {by}"))
            }
            _ if may_answer => {
                Cell::link(t.get("bills.answer_it"), format!("{DISPUTES}/{}", row.id))
            }
            _ => Cell::part(&Badge::new(Sign::Warn, t.get("bills.dispute_open"))),
        };
        Row::new(vec![
            Cell::text(t.instant(row.opened_at, zone)).note(opener(t, row)),
            Cell::text(&row.claim),
            Cell::text(checked(t, sheet, row)),
            outcome,
        ])
    });
    Some(Table::new(t, t.get("bills.disputes"), columns).rows(rows))
}

fn opener(t: Words, row: &DisputeRow) -> &'static str {
    if row.opened_by.starts_with("customer:") {
        t.get("bills.by_customer")
    } else {
        t.get("bills.by_staff")
    }
}

/// What the bill came to when the dispute was opened.
fn checked(t: Words, sheet: &Sheet, row: &DisputeRow) -> String {
    let proof = if row.is_as_billed { "bills.proof_same" } else { "bills.proof_differs" };
    let moved = row.total_now_units.map(|now| now.saturating_sub(row.total_billed_units));
    match moved {
        None | Some(0) => t.get(proof).to_owned(),
        Some(moved) => {
            let change = shown::change(t, moved, shown::currency(&sheet.bill.currency));
            format!("{} {}", t.get(proof), t.with("bills.now_moved", &[("difference", &change)]))
        }
    }
}

fn claim_page(visit: &Visit, sheet: &Sheet, refused: &Refused) -> ConfirmPage {
    let t = visit.t();
    let back = format!("/console/bills/{}", sheet.bill.id);
    let title = t.with("bills.dispute_title", &[("no", &sheet.bill.bill_no)]);
    let page = show::framed(visit, sheet, title).crumb(&sheet.bill.bill_no, back.clone());
    let action = format!("{back}/dispute");
    let (question, submit) = (t.get("bills.dispute_question"), t.get("bills.dispute"));
    ConfirmPage::new(page, question, &action, submit, &back)
        .consequence(t.get("bills.dispute_checks"))
        .consequence(t.get("bills.dispute_seen"))
        .field(
            Field::new(t, "claim", t.get("bills.claim"), Input::Area)
                .hint(t.get("bills.claim_hint"))
                .required()
                .kept(refused),
        )
}

/// Asks what the customer says.
pub(super) async fn ask(visit: Visit, Path(name): Path<String>) -> Result<Response, Failure> {
    let sheet = sheet::of_visit(&visit, &name).await?;
    Ok(ok(&claim_page(&visit, &sheet, &Refused::default())))
}

/// Records a dispute for a customer.
pub(super) async fn open(
    State(web): State<Web>,
    visit: Visit,
    Path(name): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let t = visit.t();
    let sheet = sheet::of_visit(&visit, &name).await?;
    let mut check = sent.check(t);
    let claim = check.required("claim", 1_000);
    if let Some(refused) = check.refused() {
        let page = claim_page(&visit, &sheet, &refused);
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let bill = &sheet.bill;
    let go = visit.go(&format!("/console/bills/{}", bill.id));
    match billing::dispute(&web.works, visit.actor(), bill.org, bill.id, &claim).await {
        Err(BillingError::Disputed) => {
            Ok(go.flash(Sign::Info, t.get("bills.disputed_already")).into_response())
        }
        done => {
            done?;
            Ok(go.flash(Sign::Ok, t.get("bills.disputed")).into_response())
        }
    }
}

/// A dispute with its bill, for who may answer it.
pub(super) async fn disputed(
    visit: &Visit,
    web: &Web,
    id: &str,
) -> Result<(DisputeRow, Sheet), Failure> {
    let org = desk::org(visit, Right::BillReview).await?;
    let mut tx = web.works.db.read().await?;
    let row = dispute_by_id(&mut tx, org, desk::id(id)?).await?.ok_or_else(Failure::not_found)?;
    drop(tx);
    let sheet = sheet::of_visit(visit, &row.bill.to_string()).await?;
    Ok((row, sheet))
}

fn answer_page(visit: &Visit, row: &DisputeRow, sheet: &Sheet, refused: &Refused) -> ConfirmPage {
    let t = visit.t();
    let bill = &sheet.bill;
    let back = format!("/console/bills/{}", bill.id);
    let title = t.with("bills.answer_title", &[("no", &bill.bill_no)]);
    let page = show::framed(visit, sheet, title).crumb(&bill.bill_no, back.clone());
    let action = format!("{DISPUTES}/{}", row.id);
    // Only what can be: a bill stands, or a correction took its place.
    let outcome = if bill.state == "replaced" { Outcome::Corrected } else { Outcome::Upheld };
    let choice = Choice {
        value: outcome.word().to_owned(),
        label: t.of("trade.dispute_outcome", outcome.word()).to_owned(),
    };
    let note = match outcome {
        Outcome::Upheld => t.get("bills.answer_upheld"),
        Outcome::Corrected => t.get("bills.answer_corrected"),
    };
    ConfirmPage::new(page, &row.claim, &action, t.get("bills.answer_it"), &back)
        .consequence(&checked(t, sheet, row))
        .consequence(note)
        .field(
            Field::new(t, "outcome", t.get("bills.outcome"), Input::Select)
                .required()
                .kept(refused)
                .choices(vec![choice]),
        )
        .field(
            Field::new(t, "answer", t.get("bills.answer_words"), Input::Area)
                .hint(t.get("bills.answer_hint"))
                .required()
                .kept(refused),
        )
        .hidden("version", &row.version.to_string())
        .link(
            t.get("bills.meter_test"),
            &format!("{DISPUTES}/{}/meter-test", row.id),
            visit.may(Right::BillCorrect) && bill.state == "issued",
        )
}

/// Asks for the answer to a dispute.
pub(super) async fn ask_answer(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (row, sheet) = disputed(&visit, &web, &id).await?;
    if row.state != "open" {
        return Ok(visit.go(&format!("/console/bills/{}", row.bill)).into_response());
    }
    Ok(ok(&answer_page(&visit, &row, &sheet, &Refused::default())))
}

/// Answers a dispute.
pub(super) async fn answer(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let t = visit.t();
    let (row, sheet) = disputed(&visit, &web, &id).await?;
    let mut check = sent.check(t);
    let words = check.required("answer", 1_000);
    let outcome = [Outcome::Upheld, Outcome::Corrected]
        .into_iter()
        .find(|outcome| outcome.word() == sent.value("outcome"));
    if outcome.is_none() {
        check.wrong("outcome", t.get("bills.cause_unknown"));
    }
    let (Some(outcome), true) = (outcome, check.is_good()) else {
        let refused = check.refused().unwrap_or_default();
        let page = answer_page(&visit, &row, &sheet, &refused);
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let version = sent.value("version").parse().unwrap_or_default();
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let said = (outcome, words.as_str());
    let done = answer_dispute(&ctx, &mut tx, row.org, (row.id, version), said).await;
    visit.finish(&ctx, tx, done).await?;
    let go = visit.go(&format!("/console/bills/{}", row.bill));
    Ok(go.flash(Sign::Ok, t.get("bills.answered")).into_response())
}

/// The disputes that wait for an answer, oldest first.
pub(super) async fn list(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::BillRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let part = desk::part(&asked.after)?;
    let found = open_disputes(&mut tx, org, part.after(), part.limit()).await?;
    let found = part.cut(found, |row| (row.id, String::new()));
    let (mut rows, mut names) = (Vec::with_capacity(found.items.len()), Names::default());
    for row in &found.items {
        let bill = bill_by_id(&mut tx, org, row.bill).await?.ok_or_else(Failure::not_found)?;
        let (_, account_no, _) = names.point(&mut tx, org, bill.usage_point).await?;
        rows.push(Row::new(vec![
            Cell::link(&bill.bill_no, format!("/console/bills/{}", bill.id)).note(account_no),
            Cell::text(desk::at(&visit, row.opened_at)).note(opener(t, row)),
            Cell::text(&row.claim),
            Cell::text(shown::amount(t, row.total_billed_units)),
        ]));
    }
    let columns = vec![
        Column::text(t.get("bills.number")).main(),
        Column::text(t.get("bills.disputed_at")),
        Column::text(t.get("bills.claim")),
        Column::number(t.get("bills.total")),
    ];
    let empty = Empty::new(t.get("bills.disputes_none"), t.get("bills.disputes_none_text"));
    let table = Table::new(t, t.get("bills.disputes_open"), columns).rows(rows).empty(empty);
    let pager = desk::pager(t, DISPUTES, found.items.len(), &asked.after, found.next.as_deref());
    let page = visit.page(t.get("bills.disputes_open")).crumb(t.get("bills.title"), super::MONTH);
    Ok(Parts::new(page)
        .part(&paragraph(t.get("bills.disputes_lead")))
        .part(&table)
        .part(&pager)
        .show())
}
