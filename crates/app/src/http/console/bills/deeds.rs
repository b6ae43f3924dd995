//! What people do with a bill: compute it again, correct it with a reason, approve or hold it.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Id;
use supply::{
    billing::{BillingError, Correction, Recomputed, Stand, correct, decide_review},
    settlement::resettlements_of,
};
use tariff::BillLine;

use super::{
    super::{confirm::ConfirmPage, desk, resettled, shown},
    sheet::{self, Sheet},
    show,
};
use crate::http::{
    Failure, Visit, Web,
    failure::{ok, render},
    form::{Refused, Sent},
    i18n::Words,
    ui::{Alert, Badge, Cell, Choice, Column, Field, Input, Page, Row, Sign, Table},
    visit::Go,
};

/// The causes of a correction, as the table of corrections knows them.
const CAUSES: [&str; 6] =
    ["reading", "meter_error", "estimate_trued_up", "tariff", "agreement", "other"];

#[derive(Template)]
#[template(path = "console/bills/again.html")]
struct AgainPage {
    t: Words,
    page: Page,
    proof: Alert,
    verdict: Alert,
    lines: Table,
    changes: Option<Table>,
    back: String,
    correct: Option<String>,
}

/// Computes a bill again, from what it was made from and from what counts now, and compares it
/// line by line; nothing is changed.
pub(super) async fn recompute_bill(
    State(web): State<Web>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let ctx = visit.ctx();
    let mut tx = web.works.db.read().await?;
    let done = sheet::gather(&ctx, &mut tx, &name).await;
    let sheet = match done {
        Ok(sheet) => sheet,
        done => return visit.finish(&ctx, tx, done.map(|_| Response::default())).await,
    };
    let billed = sheet::again(&web.works, &mut tx, &sheet.bill, Stand::Billed).await;
    // Here the person wants to know why it cannot be computed.
    let again = &sheet::again(&web.works, &mut tx, &sheet.bill, Stand::Now).await?;
    let (org, point) = (sheet.bill.org, sheet.bill.usage_point);
    let period = (sheet.bill.period_from, sheet.bill.period_to);
    let changes = resettlements_of(&mut tx, org, point, period.0, period.1).await?;
    let t = visit.t();
    let proof = match billed {
        Ok(billed) if billed.is_same() => Alert::new(Sign::Ok, t.get("bills.proof_same")),
        _ => Alert::new(Sign::Bad, t.get("bills.proof_differs")),
    };
    let back = format!("/console/bills/{}", sheet.bill.id);
    let same = again.is_same();
    let may = visit.may(access::Right::BillCorrect) && sheet.bill.state != "replaced";
    let verdict = if same {
        Alert::new(Sign::Ok, t.get("bills.again_same")).text(t.get("bills.again_same_text"))
    } else {
        let moved = again.draft.bill.total.units().saturating_sub(sheet.bill.total_units);
        let moved = shown::change(t, moved, shown::currency(&sheet.bill.currency));
        Alert::new(Sign::Warn, t.with("bills.again_differs", &[("difference", &moved)]))
            .text(t.get("bills.again_differs_text"))
    };
    let title = t.with("bills.again_title", &[("no", &sheet.bill.bill_no)]);
    Ok(ok(&AgainPage {
        t,
        page: show::framed(&visit, &sheet, title).crumb(&sheet.bill.bill_no, back.clone()),
        proof,
        verdict,
        lines: line_by_line(t, &sheet, again),
        changes: resettled::table(t, &changes),
        correct: (may && !same).then(|| format!("{back}/correct")),
        back,
    }))
}

fn line_by_line(t: Words, sheet: &Sheet, again: &Recomputed) -> Table {
    let columns = vec![
        Column::text(t.get("bills.item")).main(),
        Column::text(t.get("bills.verdict")),
        Column::number(t.get("bills.stored")),
        Column::number(t.get("bills.now")),
        Column::number(t.get("bills.difference")),
    ];
    let (old, new) = (sheet.lines(), &again.draft.bill.lines);
    let key = |line: &BillLine| (line.key.clone(), line.from, line.to);
    let mut keys: Vec<_> = old.iter().map(key).collect();
    keys.extend(new.iter().map(key).filter(|key| !old.iter().any(|line| key_is(line, key))));
    let currency = shown::currency(&sheet.bill.currency);
    let rows = keys.iter().map(|wanted| {
        let before = old.iter().find(|line| key_is(line, wanted));
        let after = new.iter().find(|line| key_is(line, wanted));
        let label = before.or(after).map_or("", |line| shown::label(t, &line.label));
        let badge = match (before, after) {
            (Some(a), Some(b)) if a == b => Badge::new(Sign::Ok, t.get("bills.same")),
            (Some(_), Some(_)) => Badge::new(Sign::Warn, t.get("bills.different")),
            (None, _) => Badge::new(Sign::Warn, t.get("bills.line_new")),
            (_, None) => Badge::new(Sign::Warn, t.get("bills.line_gone")),
        };
        let units = |line: Option<&BillLine>| line.map_or(0, |line| line.amount.units());
        let cell = |line: Option<&BillLine>| {
            Cell::text(line.map(|line| shown::amount(t, line.amount.units())).unwrap_or_default())
        };
        // One formula where both are the same, both where they differ.
        let mut formulas: Vec<&str> =
            [before, after].into_iter().flatten().map(|l| shown::label(t, &l.formula)).collect();
        formulas.dedup();
        Row::new(vec![
            Cell::text(label).note(formulas.join(" ⇒ ")),
            Cell::part(&badge),
            cell(before),
            cell(after),
            Cell::text(shown::change(t, units(after) - units(before), currency)),
        ])
    });
    let rows: Vec<Row> = rows.collect();
    let (before, after) = (sheet.bill.total_units, again.draft.bill.total.units());
    let total = Row::new(vec![
        Cell::text(t.get("bills.total")),
        Cell::text(""),
        Cell::text(shown::amount(t, before)),
        Cell::text(shown::amount(t, after)),
        Cell::text(shown::change(t, after.saturating_sub(before), currency)),
    ]);
    Table::new(t, t.get("bills.line_by_line"), columns).rows(rows).rows([total.total()])
}

fn key_is(line: &BillLine, (key, from, to): &(String, kernel::Date, kernel::Date)) -> bool {
    line.key == *key && line.from == *from && line.to == *to
}

fn correct_page(
    visit: &Visit,
    (sheet, again): (&Sheet, Option<&Recomputed>),
    refused: &Refused,
) -> ConfirmPage {
    let t = visit.t();
    let bill = &sheet.bill;
    let back = format!("/console/bills/{}", bill.id);
    let title = t.with("bills.correct_title", &[("no", &bill.bill_no)]);
    let page = show::framed(visit, sheet, title).crumb(&bill.bill_no, back.clone());
    let now = again.map_or(bill.total_units, |again| again.draft.bill.total.units());
    let moved = now.saturating_sub(bill.total_units);
    let places: [(&str, &dyn std::fmt::Display); 3] = [
        ("before", &shown::money(t, bill, bill.total_units)),
        ("after", &shown::money(t, bill, now)),
        ("difference", &shown::change(t, moved, shown::currency(&bill.currency))),
    ];
    let question = t.with("bills.correct_question", &places);
    let action = format!("{back}/correct");
    let causes = CAUSES.map(|cause| Choice {
        value: cause.to_owned(),
        label: t.of("trade.correction_cause", cause).to_owned(),
    });
    let page = ConfirmPage::new(page, &question, &action, t.get("bills.correct"), &back);
    let consequence = match bill.state.as_str() {
        "issued" => t.get("bills.correct_issued"),
        _ => t.get("bills.correct_draft"),
    };
    page.consequence(consequence)
        .consequence(t.get("bills.correct_log"))
        .field(
            Field::new(t, "cause", t.get("bills.cause"), Input::Select)
                .required()
                .kept(refused)
                .choices(causes.into()),
        )
        .field(
            Field::new(t, "reason", t.get("bills.reason"), Input::Area)
                .hint(t.get("bills.reason_hint"))
                .required()
                .kept(refused),
        )
}

/// Asks before a bill is corrected: what it comes to now, and why.
pub(super) async fn ask_correct(
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let (sheet, again) = sheet::with_again(&visit, &name).await?;
    if again.as_ref().is_some_and(Recomputed::is_same) {
        let go = visit.go(&format!("/console/bills/{}", sheet.bill.id));
        return Ok(go.flash(Sign::Info, visit.t().get("bills.nothing_to_correct")).into_response());
    }
    Ok(ok(&correct_page(&visit, (&sheet, again.as_ref()), &Refused::default())))
}

/// Corrects a bill.
pub(super) async fn correct_bill(
    State(web): State<Web>,
    visit: Visit,
    Path(name): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let t = visit.t();
    let mut check = sent.check(t);
    let cause = check.required("cause", 30);
    if !CAUSES.contains(&cause.as_str()) {
        check.wrong("cause", t.get("bills.cause_unknown"));
    }
    let reason = check.required("reason", 500);
    if let Some(refused) = check.refused() {
        let (sheet, again) = sheet::with_again(&visit, &name).await?;
        let page = correct_page(&visit, (&sheet, again.as_ref()), &refused);
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let ctx = visit.ctx();
    let mut tx = web.works.db.read().await?;
    let bill = sheet::named(&ctx, &mut tx, &name).await?;
    let again = sheet::again(&web.works, &mut tx, &bill, Stand::Now).await?;
    drop(tx);
    // The files are read before anybody else's writing waits for this transaction; a bill that
    // was changed meanwhile is refused.
    let mut tx = web.works.db.begin().await?;
    let on = desk::today(&visit);
    let why = Correction { cause: &cause, reason: &reason, on };
    let rules = &web.works.rules.review;
    let done = correct(&ctx, &mut tx, bill.org, &again, rules, why).await;
    if matches!(done, Err(BillingError::Same)) {
        let go = visit.go(&format!("/console/bills/{}", bill.id));
        return Ok(go.flash(Sign::Info, t.get("bills.nothing_to_correct")).into_response());
    }
    let new = visit.finish(&ctx, tx, done).await?;
    let go = visit.go(&format!("/console/bills/{new}"));
    Ok(go.flash(Sign::Ok, t.get("bills.corrected")).into_response())
}

/// Approves a bill that waits for review, or holds one that is ready.
pub(super) async fn review(
    State(web): State<Web>,
    visit: Visit,
    Path(name): Path<String>,
    sent: Sent,
) -> Result<Go, Failure> {
    let t = visit.t();
    let approve = sent.value("decision") == "approve";
    let version = sent.value("version").parse().unwrap_or_default();
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let bill = sheet::named(&ctx, &mut tx, &name).await?;
    let done = decide_review(&ctx, &mut tx, bill.org, (bill.id, version), approve).await;
    visit.finish(&ctx, tx, done).await?;
    let said = if approve { t.get("bills.approved") } else { t.get("bills.held") };
    Ok(visit.go(&format!("/console/bills/{}", bill.id)).flash(Sign::Ok, said))
}

/// Approves the bills that were ticked; those that changed meanwhile stay and are counted.
pub(super) async fn approve_many(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Go, Failure> {
    let t = visit.t();
    let chosen: Vec<(Id, i64)> = sent
        .all("bill")
        .filter_map(|value| value.split_once('.'))
        .filter_map(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)))
        .take(200)
        .collect();
    let go = |sign, text: String| visit.go(super::MONTH).flash(sign, text);
    if chosen.is_empty() {
        return Ok(go(Sign::Info, t.get("bills.none_ticked").to_owned()));
    }
    let org = visit.actor().org();
    let (mut done, mut left) = (0, 0);
    for choice in chosen {
        let ctx = visit.ctx();
        let mut tx = web.works.db.begin().await?;
        match decide_review(&ctx, &mut tx, org, choice, true).await {
            Err(BillingError::Changed | BillingError::Stage { .. } | BillingError::NotFound) => {
                left += 1;
            }
            decided => {
                visit.finish(&ctx, tx, decided).await?;
                done += 1;
            }
        }
    }
    let said = t.with("bills.approved_many", &[("n", &done)]);
    Ok(match left {
        0 => go(Sign::Ok, said),
        left => go(Sign::Warn, format!("{said} {}", t.with("bills.left", &[("n", &left)]))),
    })
}
