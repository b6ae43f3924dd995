//! The decision about a finding, and taking it back. What follows is settled at once.

use std::collections::BTreeMap;

use access::Right;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Id;
use metering::reading::RegisterKind;
use supply::{
    readings::{self, Decide, Decision, ReadingError},
    settlement::Corrected,
};

use super::{PATH, one};
use crate::{
    http::{
        Failure, Visit, Web,
        console::desk,
        form::{Check, Sent},
        i18n::Words,
        ui::Sign,
    },
    work::{SETTLE_AGAIN, SettleAgain},
};

pub(super) async fn decide(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExceptionDecide).await?;
    let (t, id) = (visit.t(), desk::id(&id)?);
    let mut check = sent.check(t);
    let reason = check.required("reason", 1_000);
    let version = sent.value("version").parse::<i64>().unwrap_or(0);
    let decision = chosen(&sent, &mut check, t);
    if let (true, Some(decision)) = (check.is_good(), decision) {
        let asked = Decide { exception: id, version, decision, reason };
        match readings::decide(&web.works, visit.actor(), org, &asked).await {
            Ok(corrected) => return Ok(settled(&visit, id, corrected.as_ref())),
            Err(ReadingError::NothingDelivered) => {
                check.wrong("decision", t.get("exceptions.nothing_delivered"));
            }
            Err(ReadingError::Value { register, reason }) => {
                let kind = RegisterKind::ALL.into_iter().find(|kind| kind.name() == register);
                let field = kind.map_or("decision", RegisterKind::name);
                check.wrong(field, t.with("exceptions.bad_value", &[("reason", &reason)]));
            }
            Err(error) => return settled_later(&web, &visit, org, id, error).await,
        }
    }
    match check.refused() {
        Some(refused) => {
            one::page(&web, &visit, id, &refused, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        None => Err(Failure::of_status(StatusCode::BAD_REQUEST)),
    }
}

fn chosen(sent: &Sent, check: &mut Check<'_>, t: Words) -> Option<Decision> {
    match sent.value("decision") {
        "accept" => Some(Decision::Accept),
        "estimate" => Some(Decision::Estimate),
        "field_check" => Some(Decision::FieldCheck),
        "replace" => {
            let values: BTreeMap<RegisterKind, String> = RegisterKind::ALL
                .into_iter()
                .filter_map(|kind| {
                    check.optional(kind.name(), 30).map(|text| (kind, text.replace(',', "")))
                })
                .collect();
            if values.is_empty() {
                check.wrong("decision", t.get("exceptions.no_value"));
            }
            Some(Decision::Replace(values))
        }
        _ => {
            check.wrong("decision", t.get("form.required"));
            None
        }
    }
}

pub(super) async fn reopen(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExceptionDecide).await?;
    let id = desk::id(&id)?;
    let version = sent.value("version").parse::<i64>().unwrap_or(0);
    match readings::reopen(&web.works, visit.actor(), org, (id, version)).await {
        Ok(_) => {
            let text = visit.t().get("exceptions.reopened");
            Ok(visit.go(&format!("{PATH}/{id}")).flash(Sign::Ok, text).into_response())
        }
        Err(error) => settled_later(&web, &visit, org, id, error).await,
    }
}

fn settled(visit: &Visit, id: Id, corrected: Option<&Corrected>) -> Response {
    let t = visit.t();
    let text = match corrected {
        Some(corrected) => {
            let change = super::super::shown::change(
                t,
                corrected.charge_change_units,
                kernel::Currency::Cny,
            );
            let days = i64::try_from(corrected.changed_days).unwrap_or(i64::MAX);
            t.with("exceptions.settled", &[("days", &t.number(days)), ("change", &change)])
        }
        None => t.get("exceptions.noted").to_owned(),
    };
    visit.go(&format!("{PATH}/{id}")).flash(Sign::Ok, text).into_response()
}

/// Where the decision counts already and only what follows from it failed, the worker does it.
async fn settled_later(
    web: &Web,
    visit: &Visit,
    org: Id,
    id: Id,
    error: ReadingError,
) -> Result<Response, Failure> {
    if !matches!(error, ReadingError::Settlement(_)) {
        return Err(error.into());
    }
    let mut tx = web.works.db.read().await?;
    let row = readings::exception_by_id(&mut tx, org, id).await?.ok_or_else(Failure::not_found)?;
    drop(tx);
    let touched = BTreeMap::from([(row.usage_point.get(), row.day)]);
    let dedup = format!("finding:{id}");
    desk::enqueue(visit, org, SETTLE_AGAIN, &dedup, &SettleAgain { touched }).await?;
    let text = visit.t().get("exceptions.settled_later");
    Ok(visit.go(&format!("{PATH}/{id}")).flash(Sign::Ok, text).into_response())
}
