//! A customer does not accept a bill (电费争议): it is computed again before their eyes, what they
//! say is recorded with the result, and the answer stands beside the bill.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Zone;
use supply::billing::{
    self, BillRow, BillingError, DisputeRow, Rechecked, disputes_of_period, recheck,
};

use super::{own::Own, shown};
use crate::http::{
    Failure, Visit, Web,
    failure::{ok, render},
    form::{Refused, Sent},
    i18n::Words,
    ui::{Alert, Field, Input, Page, Sign},
};

#[derive(Template)]
#[template(path = "portal/dispute.html")]
struct DisputePage {
    t: Words,
    page: Page,
    alert: Option<Alert>,
    results: Vec<Alert>,
    action: String,
    back: String,
    claim: Field,
}

/// Whether a bill can be disputed: it is issued, and no dispute about it waits for an answer.
pub(super) fn may_open(bill: &BillRow, disputes: &[DisputeRow]) -> bool {
    bill.state == "issued" && !disputes.iter().any(|row| row.bill == bill.id && row.state == "open")
}

/// A dispute as its customer reads it: what they said, what the bill came to, the answer.
pub(super) fn shown(t: Words, zone: &Zone, bill: &BillRow, row: &DisputeRow) -> Alert {
    let on = t.date(zone.date_of(row.opened_at));
    let checked =
        Rechecked { is_as_billed: row.is_as_billed, total_now_units: row.total_now_units };
    let results = results(t, bill, (row.total_billed_units, checked));
    let said: Vec<String> = std::iter::once(t.with("portal.you_said", &[("claim", &row.claim)]))
        .chain(results.into_iter().map(|(_, text)| text))
        .chain(row.answer.as_ref().map(|words| t.with("portal.we_answer", &[("answer", words)])))
        .collect();
    let (sign, title) = match row.outcome.as_deref() {
        Some("corrected") => (Sign::Ok, t.with("portal.dispute_corrected", &[("day", &on)])),
        Some(_) => (Sign::Ok, t.with("portal.dispute_upheld", &[("day", &on)])),
        None => (Sign::Info, t.with("portal.dispute_open", &[("day", &on)])),
    };
    Alert::new(sign, title).text(&said.join(" "))
}

/// What computing the bill again gave, in sentences: the same ones that staff read.
fn results(t: Words, bill: &BillRow, (total, checked): (i64, Rechecked)) -> Vec<(Sign, String)> {
    let mut said = vec![if checked.is_as_billed {
        (Sign::Ok, t.get("bills.proof_same").to_owned())
    } else {
        (Sign::Warn, t.get("portal.proof_differs").to_owned())
    }];
    if let Some(now) = checked.total_now_units.filter(|now| *now != total) {
        let amount = shown::money(t, &bill.currency, now);
        said.push((Sign::Info, t.with("portal.bill_changed", &[("amount", &amount)])));
    }
    said
}

async fn page(
    web: &Web,
    visit: &Visit,
    id: &str,
    refused: &Refused,
) -> Result<Result<DisputePage, Response>, Failure> {
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let own = Own::open(visit, &mut tx).await?;
    let bill = own.bill(&mut tx, id).await?;
    let (point, from) = (bill.usage_point, bill.period_from);
    let disputes = disputes_of_period(&mut tx, own.org, point, from).await?;
    drop(tx);
    let back = format!("/portal/bills/{}", bill.id);
    if !may_open(&bill, &disputes) {
        return Ok(Err(visit.go(&back).into_response()));
    }
    let (billed, now) = recheck(&web.works, own.org, bill.id).await?;
    let checked = Rechecked::of(billed.as_ref(), now.as_ref());
    let results = results(t, &bill, (bill.total_units, checked));
    let month = t.month(bill.period_from);
    Ok(Ok(DisputePage {
        t,
        page: visit
            .page(t.with("portal.dispute_title", &[("month", &month)]))
            .crumb(t.get("portal.bills"), "/portal/bills")
            .crumb(month, back.clone()),
        alert: refused.alert(t),
        results: results.into_iter().map(|(sign, text)| Alert::new(sign, text)).collect(),
        action: format!("{back}/dispute"),
        back,
        claim: Field::new(t, "claim", t.get("portal.dispute_claim"), Input::Area)
            .hint(t.get("portal.dispute_hint"))
            .required()
            .kept(refused),
    }))
}

/// Shows what the bill comes to, and asks what is wrong with it.
pub(super) async fn ask(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(page(&web, &visit, &id, &Refused::default()).await?.map_or_else(|go| go, |page| ok(&page)))
}

/// Records what the customer says.
pub(super) async fn open(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let t = visit.t();
    let mut check = sent.check(t);
    let claim = check.required("claim", 1_000);
    if let Some(refused) = check.refused() {
        let again = page(&web, &visit, &id, &refused).await?;
        return Ok(
            again.map_or_else(|go| go, |page| render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        );
    }
    let mut tx = web.works.db.read().await?;
    let own = Own::open(&visit, &mut tx).await?;
    let bill = own.bill(&mut tx, &id).await?;
    drop(tx);
    let go = visit.go(&format!("/portal/bills/{}", bill.id));
    match billing::dispute(&web.works, visit.actor(), own.org, bill.id, &claim).await {
        Err(BillingError::Disputed) => Ok(go.into_response()),
        done => {
            done?;
            Ok(go.flash(Sign::Ok, t.get("portal.disputed")).into_response())
        }
    }
}
