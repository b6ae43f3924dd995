//! Moving out and in: a usage point passes to another account or is no longer supplied, and who
//! leaves gets the final bill without waiting for the end of the month.

use access::Right;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Date, Id};
use registry::premises;
use supply::{
    agreements::{self, AgreementError, AgreementRow, HandOver},
    billing,
};

use super::super::{confirm::ConfirmPage, desk};
use crate::http::{
    Failure, Visit, Web,
    failure::{ok, render},
    form::{Refused, Sent},
    ui::{Field, Input, Sign},
};

/// Where an agreement is ended.
pub(super) const HAND_OVER: &str = "/console/agreements/{agreement}/hand-over";
/// Where a final bill is made.
pub(super) const FINAL_BILL: &str = "/console/agreements/{agreement}/final-bill";

/// The address of one of these pages for an agreement.
pub(super) fn address(pattern: &str, agreement: Id) -> String {
    pattern.replace("{agreement}", &agreement.to_string())
}

/// The agreement that an address names, with the number of its account and the code of its place.
async fn named(
    visit: &Visit,
    web: &Web,
    (id, right): (&str, Right),
) -> Result<(AgreementRow, [String; 2]), Failure> {
    let org = desk::org(visit, right).await?;
    let mut tx = web.works.db.read().await?;
    let row = agreements::agreement_by_id(&mut tx, org, desk::id(id)?).await?;
    let row = row.ok_or_else(Failure::not_found)?;
    let account = premises::account_by_id(&mut tx, org, row.account).await?;
    let point = premises::usage_point_by_id(&mut tx, org, row.usage_point).await?;
    let names = [account.map(|a| a.account_no), point.map(|p| p.code)];
    Ok((row, names.map(Option::unwrap_or_default)))
}

fn back_of(row: &AgreementRow) -> String {
    format!("/console/customers/{}", row.account)
}

fn page(
    visit: &Visit,
    (row, [account, point]): (&AgreementRow, &[String; 2]),
    refused: &Refused,
) -> ConfirmPage {
    let t = visit.t();
    let back = back_of(row);
    let frame = visit
        .page(t.get("customers.hand_over"))
        .crumb(t.get("customers.title"), super::SEARCH)
        .crumb(account, back.clone());
    let question =
        t.with("customers.hand_over_question", &[("account", account), ("point", point)]);
    let action = address(HAND_OVER, row.id);
    ConfirmPage::new(frame, &question, &action, t.get("customers.hand_over"), &back)
        .consequence(t.get("customers.hand_over_days"))
        .consequence(t.get("customers.hand_over_bills"))
        .field(
            Field::new(t, "on", t.get("customers.hand_over_on"), Input::Date)
                .hint(t.get("customers.hand_over_on_hint"))
                .required()
                .kept(refused),
        )
        .field(
            Field::new(t, "to", t.get("customers.hand_over_to"), Input::Text)
                .hint(t.get("customers.hand_over_to_hint"))
                .kept(refused),
        )
        .field(
            Field::new(t, "reason", t.get("customers.hand_over_reason"), Input::Text)
                .required()
                .kept(refused),
        )
        .hidden("version", &row.version.to_string())
}

/// Asks who takes over, and from when.
pub(super) async fn ask(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (row, names) = named(&visit, &web, (&id, Right::AgreementWrite)).await?;
    if row.valid_to.is_some() {
        return Ok(visit.go(&back_of(&row)).into_response());
    }
    Ok(ok(&page(&visit, (&row, &names), &Refused::default())))
}

/// Gives the usage point over.
pub(super) async fn hand_over(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let t = visit.t();
    let (row, names) = named(&visit, &web, (&id, Right::AgreementWrite)).await?;
    let mut check = sent.check(t);
    let on = check.parsed("on", |text| text.parse::<Date>().map_err(|_| t.get("form.required")));
    let reason = check.required("reason", 200);
    let mut to = None;
    if let Some(number) = check.optional("to", 40) {
        let mut tx = web.works.db.read().await?;
        to = premises::account_by_no(&mut tx, row.org, &number).await?.map(|account| account.id);
        if to.is_none() {
            check.wrong("to", t.get("customers.hand_over_unknown"));
        }
    }
    if let (Some(on), true) = (on, check.is_good()) {
        let version = sent.value("version").parse().unwrap_or_default();
        let asked = HandOver { agreement: (row.id, version), to, on, reason: &reason };
        match agreements::hand_over(&web.works, visit.actor(), row.org, asked).await {
            Ok(()) => {
                let go = visit.go(&back_of(&row));
                return Ok(go.flash(Sign::Ok, t.get("customers.handed_over")).into_response());
            }
            Err(AgreementError::NoAccount) => {
                check.wrong("to", t.get("customers.hand_over_unknown"));
            }
            Err(AgreementError::NotYet(_)) => check.wrong("on", t.get("customers.hand_over_early")),
            Err(AgreementError::NotAfterStart(_)) => {
                check.wrong("on", t.get("customers.hand_over_before"));
            }
            Err(AgreementError::Billed { billed, .. }) => {
                check
                    .wrong("on", t.with("customers.hand_over_billed", &[("day", &t.date(billed))]));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let refused = check.refused().unwrap_or_default();
    Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page(&visit, (&row, &names), &refused)))
}

/// Asks before a final bill is made.
pub(super) async fn ask_final(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (row, [account, point]) = named(&visit, &web, (&id, Right::SettlementRun)).await?;
    let t = visit.t();
    let back = back_of(&row);
    let Some(to) = row.valid_to else {
        return Ok(visit.go(&back).into_response());
    };
    let frame = visit
        .page(t.get("customers.final_bill"))
        .crumb(t.get("customers.title"), super::SEARCH)
        .crumb(&account, back.clone());
    let last = t.date(to.yesterday().unwrap_or(to));
    let places: [(&str, &dyn std::fmt::Display); 3] =
        [("account", &account), ("point", &point), ("day", &last)];
    let question = t.with("customers.final_bill_question", &places);
    let action = address(FINAL_BILL, row.id);
    let page = ConfirmPage::new(frame, &question, &action, t.get("customers.final_bill"), &back)
        .consequence(t.get("customers.final_bill_ladder"))
        .consequence(t.get("customers.final_bill_then"));
    Ok(ok(&page))
}

/// Makes the final bill and shows it.
pub(super) async fn make_final(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (row, _) = named(&visit, &web, (&id, Right::SettlementRun)).await?;
    let whose = (row.usage_point, row.account);
    let bill = billing::final_bill(&web.works, visit.actor(), row.org, whose).await?;
    let go = visit.go(&format!("/console/bills/{bill}"));
    Ok(go.flash(Sign::Ok, visit.t().get("customers.final_bill_made")).into_response())
}
