//! What the forms of a work order do.

use std::fmt::Display;

use access::Right;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Energy, Id, Ratio, parse_decimal};
use metering::reading::RegisterKind;
use supply::{
    meters::{self, Registers},
    orders::{self, Adjustment, Exchange, FaultDecision, OrderError, Schedule, error_adjustment},
};

use super::{
    PATH,
    one::{self, Told, opening_field},
};
use crate::http::{
    Failure, Visit, Web,
    console::desk,
    form::{Check, Sent},
    ui::Sign,
};

fn version(sent: &Sent) -> i64 {
    sent.value("version").parse().unwrap_or(0)
}

/// Back to the order with a word, or the form again with what is wrong.
async fn answered(
    (web, visit): (&Web, &Visit),
    id: Id,
    mut check: Check<'_>,
    (done, field, key): (Result<(), OrderError>, &'static str, &'static str),
) -> Result<Response, Failure> {
    let t = visit.t();
    if check.is_good() {
        match done {
            Ok(()) => {
                return Ok(visit
                    .go(&format!("{PATH}/{id}"))
                    .flash(Sign::Ok, t.get(key))
                    .into_response());
            }
            Err(OrderError::TooSoon { days, earliest }) => {
                let said = [("days", &days as &dyn Display), ("day", &t.date(earliest))];
                check.wrong("planned_on", t.with("orders.too_soon", &said));
            }
            Err(OrderError::NotInStock(_)) => {
                check.wrong("new_meter", t.get("orders.not_in_stock"));
            }
            Err(OrderError::NotExchanged) => check.wrong("decision", t.get("fault.not_exchanged")),
            Err(OrderError::Field { reason, .. }) => check.wrong(field, reason),
            Err(error) => return Err(error.into()),
        }
    }
    let refused = check.refused().unwrap_or_default();
    one::page(web, visit, id, &refused, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn schedule(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let (id, t) = (desk::id(&id)?, visit.t());
    let mut check = sent.check(t);
    let planned_on = check.parsed("planned_on", str::parse::<kernel::Date>);
    let crew = check.optional("crew", 60).unwrap_or_default();
    let Some(planned_on) = planned_on.filter(|_| check.is_good()) else {
        return answered((&web, &visit), id, check, (Ok(()), "planned_on", "")).await;
    };
    let asked = Schedule { order: id, version: version(&sent), planned_on, crew };
    let rules = &web.works.rules.metering.rotation;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let today = desk::today(&visit);
    let done = orders::schedule(&ctx, &mut tx, org, &asked, (today, rules)).await;
    let done = ended(&visit, &ctx, tx, done).await?;
    answered((&web, &visit), id, check, (done, "planned_on", "orders.scheduled")).await
}

/// Commits what went well. A refusal that belongs to a field comes back as such.
async fn ended(
    visit: &Visit,
    ctx: &access::Ctx<'_>,
    tx: store::Tx,
    done: Result<(), OrderError>,
) -> Result<Result<(), OrderError>, Failure> {
    match done {
        Err(
            error @ (OrderError::TooSoon { .. }
            | OrderError::NotInStock(_)
            | OrderError::Field { .. }),
        ) => Ok(Err(error)),
        done => visit.finish(ctx, tx, done).await.map(Ok),
    }
}

/// What a register shows, in its unit, as an integer of the meter's resolution.
fn shown(check: &mut Check<'_>, name: &'static str, scale: u32) -> Option<i64> {
    check.parsed(name, |text| {
        let value = parse_decimal(&text.replace(',', ""), scale, name)?;
        if value < 0 {
            Err(kernel::QuantityError::Overflow("a register below zero"))
        } else {
            Ok(value)
        }
    })
}

pub(super) async fn exchange(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let (id, t) = (desk::id(&id)?, visit.t());
    let told = Told::read(&web, org, id).await?;
    let mut tx = web.works.db.read().await?;
    let new = meters::meter_by_asset_no(&mut tx, org, sent.value("new_meter").trim()).await?;
    drop(tx);
    let mut check = sent.check(t);
    let on = check.parsed("on", str::parse::<kernel::Date>);
    let new_asset_no = check.required("new_meter", 40);
    if on.is_some_and(|on| on > desk::today(&visit)) {
        check.wrong("on", t.get("orders.not_yet"));
    }
    let scales = (told.meter.register_scale, new.map_or(0, |new| new.register_scale));
    let (closing, opening) = registers(&mut check, &told.registers(), scales);
    let ratio = new_ratio(&mut check, t.get("orders.bad_ratio"));
    let Some(on) = on.filter(|_| check.is_good()) else {
        return answered((&web, &visit), id, check, (Ok(()), "new_meter", "")).await;
    };
    let version = version(&sent);
    let asked = Exchange { order: id, version, on, closing, new_asset_no, opening, ratio };
    let rules = &web.works.rules.metering.rotation;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = orders::record_exchange(&ctx, &mut tx, org, &asked, rules).await.map(|_| ());
    let done = ended(&visit, &ctx, tx, done).await?;
    answered((&web, &visit), id, check, (done, "total", "orders.exchange_recorded")).await
}

/// What the old meter and the new one show, each in its own resolution.
fn registers(
    check: &mut Check<'_>,
    kinds: &[RegisterKind],
    (old_scale, new_scale): (i64, i64),
) -> (Registers, Registers) {
    let scale = |scale: i64| u32::try_from(scale).unwrap_or(0);
    let (mut closing, mut opening) = (Registers::default(), Registers::default());
    for kind in kinds {
        if let Some(value) = shown(check, kind.name(), scale(old_scale)) {
            closing.0.insert(kind.name().to_owned(), value);
        }
        if let Some(value) = shown(check, opening_field(*kind), scale(new_scale)) {
            opening.0.insert(kind.name().to_owned(), value);
        }
    }
    (closing, opening)
}

fn new_ratio(check: &mut Check<'_>, wrong: &str) -> Option<Ratio> {
    let text = check.optional("ratio", 20)?;
    let ratio = ratio(&text);
    if ratio.is_none() {
        check.wrong("ratio", wrong);
    }
    ratio
}

/// `40` or `800/5`.
fn ratio(text: &str) -> Option<Ratio> {
    let (upper, lower) = text.split_once('/').unwrap_or((text, "1"));
    let (upper, lower) = (upper.trim().parse().ok()?, lower.trim().parse().ok()?);
    if upper > 0 && lower > 0 { Ratio::new(upper, lower).ok() } else { None }
}

pub(super) async fn cancel(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::MeterWrite).await?;
    let id = desk::id(&id)?;
    let mut check = sent.check(visit.t());
    let reason = check.required("reason", 1_000);
    if !check.is_good() {
        return answered((&web, &visit), id, check, (Ok(()), "reason", "")).await;
    }
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = orders::cancel(&ctx, &mut tx, org, (id, version(&sent)), &reason).await;
    let done = ended(&visit, &ctx, tx, done).await?;
    answered((&web, &visit), id, check, (done, "reason", "orders.cancelled")).await
}

pub(super) async fn decide(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingEdit).await?;
    let (id, t) = (desk::id(&id)?, visit.t());
    let told = Told::read(&web, org, id).await?;
    let mut check = sent.check(t);
    let reason = check.required("reason", 1_000);
    let adjust = match sent.value("decision") {
        "no_adjust" => None,
        "adjust" => Some(adjustment(&mut check, &told.registers())),
        _ => {
            check.wrong("decision", t.get("form.required"));
            None
        }
    };
    if adjust.as_ref().is_some_and(Adjustment::is_empty) {
        check.wrong("decision", t.get("fault.no_energy"));
    }
    if !check.is_good() {
        return answered((&web, &visit), id, check, (Ok(()), "decision", "")).await;
    }
    let asked = FaultDecision { order: id, version: version(&sent), adjust, reason };
    let done = orders::decide_fault(&web.works, visit.actor(), org, &asked).await;
    answered((&web, &visit), id, check, (done, "decision", "fault.decided")).await
}

/// The energy of each register, typed, or reckoned from a measured error and what was registered.
fn adjustment(check: &mut Check<'_>, registers: &[RegisterKind]) -> Adjustment {
    let mut adjust = Adjustment::new();
    for kind in registers {
        if let Some(text) = check.optional(kind.name(), 30) {
            match parse_decimal(&text.replace(',', ""), 6, kind.name()) {
                Ok(ukwh) => {
                    adjust.insert(*kind, Energy::from_ukwh(ukwh));
                }
                Err(error) => check.wrong(kind.name(), error.to_string()),
            }
        }
    }
    if !adjust.is_empty() {
        return adjust;
    }
    let (error, registered) =
        (check.optional("error_percent", 20), check.optional("registered", 30));
    if let (Some(error), Some(registered)) = (error, registered) {
        // A percent is 10 000 millionths.
        let ppm = parse_decimal(&error, 4, "error");
        let ukwh = parse_decimal(&registered.replace(',', ""), 6, "energy");
        match (ppm, ukwh) {
            (Ok(ppm), Ok(ukwh)) => match error_adjustment(Energy::from_ukwh(ukwh), ppm) {
                Ok(energy) => {
                    adjust.insert(RegisterKind::Total, energy);
                }
                Err(error) => check.wrong("error_percent", error.to_string()),
            },
            (Err(error), _) => check.wrong("error_percent", error.to_string()),
            (_, Err(error)) => check.wrong("registered", error.to_string()),
        }
    }
    adjust
}
