//! A customer's own data to take along: daily use and readings as CSV, everything as JSON, and
//! Green Button, each in one click.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::{FaultKind, format_decimal};
use serde_json::{Value, json};
use store::Tx;
use supply::{
    billing::lines_of_bill,
    meters::{installations_of_usage_point, meter_by_id},
    readings::{ExportPoint, days_csv, green_button, intervals, intervals_csv, readings_csv},
};

use super::{
    own::{Own, PointDays},
    shown,
};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Empty, Page},
};

pub(super) fn routes() -> Vec<Route> {
    let guard = Guard::Portal;
    vec![
        Route::get("/portal/data", "usage", guard, show),
        Route::get("/portal/data/days.csv", "usage", guard, days).timeout_s(TIMEOUT_S),
        Route::get("/portal/data/readings.csv", "usage", guard, readings).timeout_s(TIMEOUT_S),
        Route::get("/portal/data/intervals.csv", "usage", guard, interval_file)
            .timeout_s(TIMEOUT_S),
        Route::get("/portal/data/all.json", "usage", guard, everything).timeout_s(TIMEOUT_S),
        Route::get("/portal/data/green-button.xml", "usage", guard, green).timeout_s(TIMEOUT_S),
    ]
}

const TIMEOUT_S: u64 = 120;
/// Thirteen months, so that a month can be laid beside that of a year ago.
const DAYS: i32 = 396;

/// A file that is offered.
struct Offer {
    href: &'static str,
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "portal/data.html")]
struct DataPage {
    t: Words,
    page: Page,
    quiet: Option<Empty>,
    span: String,
    offers: Vec<Offer>,
}

async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let own = Own::open(&visit, &mut tx).await?;
    let (from, _) = own.latest(DAYS);
    let places = own.last.map(|last| (t.date(from), t.date(last)));
    let span = places
        .map(|(from, to)| t.with("portal.data_span", &[("from", &from), ("to", &to)]))
        .unwrap_or_default();
    let quiet = own
        .last
        .is_none()
        .then(|| Empty::new(t.get("portal.home_quiet"), t.get("portal.home_quiet_text")));
    let offer = |href, name, kind, text| Offer { href, name, kind, text };
    let offers = vec![
        offer(
            "/portal/data/days.csv",
            t.get("portal.data_days"),
            "CSV",
            t.get("portal.data_days_text"),
        ),
        offer(
            "/portal/data/readings.csv",
            t.get("portal.data_readings"),
            "CSV",
            t.get("portal.data_readings_text"),
        ),
        offer(
            "/portal/data/intervals.csv",
            t.get("portal.data_intervals"),
            "CSV",
            t.get("portal.data_intervals_text"),
        ),
        offer(
            "/portal/data/all.json",
            t.get("portal.data_all"),
            "JSON",
            t.get("portal.data_all_text"),
        ),
        offer(
            "/portal/data/green-button.xml",
            t.get("portal.data_green"),
            "Green Button",
            t.get("portal.data_green_text"),
        ),
    ];
    Ok(ok(&DataPage { t, page: visit.page(t.get("portal.data")), quiet, span, offers }))
}

/// What a file is made from.
struct Data {
    own: Own,
    points: Vec<ExportPoint>,
}

async fn data(web: &Web, visit: &Visit, with_intervals: bool) -> Result<Data, Failure> {
    let mut tx = web.works.db.read().await?;
    let own = Own::open(visit, &mut tx).await?;
    let mut meters = Vec::with_capacity(own.points.len());
    for point in &own.points {
        meters.push(meters_of(&mut tx, &own, point.id).await?);
    }
    drop(tx);
    let period = own.latest(DAYS);
    let mut points = Vec::with_capacity(own.points.len());
    for (PointDays { point, days, readings }, meters) in
        own.days(web, period).await?.into_iter().zip(meters)
    {
        let intervals = if with_intervals && own.last.is_some() {
            intervals(&web.works, own.org, point.id, period).await?
        } else {
            Vec::new()
        };
        points.push(ExportPoint { code: point.code, meters, days, readings, intervals });
    }
    Ok(Data { own, points })
}

async fn meters_of(
    tx: &mut Tx,
    own: &Own,
    point: kernel::Id,
) -> Result<BTreeMap<i64, String>, Failure> {
    let mut meters = BTreeMap::new();
    for hung in installations_of_usage_point(tx, own.org, point).await? {
        if let Some(meter) = meter_by_id(tx, own.org, hung.meter).await? {
            meters.insert(meter.id.get(), meter.asset_no);
        }
    }
    Ok(meters)
}

/// A file to keep, named after the account.
fn file(visit: &Visit, name: &str, kind: &'static str, body: Vec<u8>) -> Response {
    let account = visit.known().map(|known| known.place.as_str()).unwrap_or_default();
    let account: String = account.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = format!("attachment; filename=\"{account}-{name}\"");
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

const CSV: &str = "text/csv; charset=utf-8";

async fn days(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let data = data(&web, &visit, false).await?;
    Ok(file(&visit, "days.csv", CSV, days_csv(&data.points)))
}

async fn readings(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let data = data(&web, &visit, false).await?;
    Ok(file(&visit, "readings.csv", CSV, readings_csv(&data.points)))
}

async fn interval_file(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let data = data(&web, &visit, true).await?;
    let body = intervals_csv(&data.points, &web.works.rules.zone);
    Ok(file(&visit, "intervals.csv", CSV, body))
}

async fn green(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let data = data(&web, &visit, true).await?;
    let title = visit.t().get("product.name");
    let body = green_button(&data.points, &web.works.rules.zone, title, web.works.db.now())
        .map_err(|e| Failure::new(FaultKind::Bug, "portal.green_button", e.to_string()))?;
    Ok(file(&visit, "green-button.xml", "application/atom+xml; charset=utf-8", body))
}

/// Everything: usage points with their days and readings, and bills with their lines.
async fn everything(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let Data { own, points } = data(&web, &visit, true).await?;
    let mut tx = web.works.db.read().await?;
    let mut bills = Vec::new();
    for bill in own.bills(&mut tx).await? {
        let mut lines = Vec::new();
        for row in lines_of_bill(&mut tx, own.org, bill.id).await? {
            lines.push(serde_json::from_str::<Value>(&row.line).unwrap_or_default());
        }
        bills.push(json!({
            "bill_no": bill.bill_no,
            "period_from": bill.period_from.to_string(),
            "period_to": bill.period_to.to_string(),
            "currency": bill.currency,
            "total": format_decimal(i128::from(bill.total_units), 4, 2),
            "energy_kwh": format_decimal(i128::from(bill.energy_ukwh), 6, 0),
            "days": bill.day_count,
            "estimated_days": bill.estimated_day_count,
            "due_on": bill.due_on.map(|day| day.to_string()),
            "lines": lines,
        }));
    }
    let document = json!({
        "account": visit.known().map(|known| known.place.clone()),
        "made_at": web.works.db.now().to_string(),
        "usage_points": points.iter().map(point_json).collect::<Vec<_>>(),
        "bills": bills,
    });
    let body = serde_json::to_vec_pretty(&document)
        .map_err(|e| Failure::new(FaultKind::Bug, "portal.json", e.to_string()))?;
    Ok(file(&visit, "all.json", "application/json", body))
}

fn point_json(point: &ExportPoint) -> Value {
    let kwh = |ukwh: i64| format_decimal(i128::from(ukwh), 6, 0);
    let days = point.days.iter().map(|(day, row)| {
        json!({
            "day": day.to_string(),
            "total_kwh": kwh(row.day_ukwh()),
            "sharp_kwh": kwh(row.used[0]),
            "peak_kwh": kwh(row.used[1]),
            "flat_kwh": kwh(row.used[2]),
            "valley_kwh": kwh(row.used[3]),
            "deep_kwh": kwh(row.used[4]),
            "charge": format_decimal(i128::from(row.charge_day), 4, 2),
            "estimated": shown::is_estimated(row),
        })
    });
    let readings = point.readings.iter().map(|row| {
        let registers = metering::reading::RegisterKind::ALL.iter().zip(row.register);
        let registers: serde_json::Map<String, Value> = registers
            .filter_map(|(kind, value)| {
                let text = format_decimal(i128::from(value?), u32::from(row.scale), 0);
                Some((kind.name().to_owned(), Value::String(text)))
            })
            .collect();
        json!({
            "at": kernel::Instant::from_micros(row.at).to_string(),
            "meter": point.meters.get(&row.meter),
            "registers": registers,
        })
    });
    json!({
        "code": point.code,
        "days": days.collect::<Vec<_>>(),
        "readings": readings.collect::<Vec<_>>(),
        "interval_count": point.intervals.len(),
    })
}
