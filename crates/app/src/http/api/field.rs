//! Readings from the field. Only a registered handheld comes in here, by its token; the session of a
//! person or the key of a program is refused with the reason.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use supply::{
    field::{self, DeviceRow, FieldReading, Position},
    requests::field_route,
};

use super::{
    Operation,
    head_end::{instant, registers, registers_schema},
    id, ident, in_path, list, moment, object, text,
};
use crate::http::{Failure, Guard, Route, Web, visit::bearer};

/// A reading is small; a photo is bounded.
const READING_BYTES: usize = 16 * 1024;
const PHOTO_BYTES: usize = 1024 * 1024;
/// Stops of a route.
const ROUTE_MAX: i64 = 2_000;

pub(super) fn operations() -> Vec<Operation> {
    let guard = Guard::Public;
    let number = json!({ "type": "number" });
    let position = object(&[("latitude", number.clone()), ("longitude", number)]);
    let reading = json!({ "type": "object",
        "required": ["key", "usage_point", "at", "sent_at", "registers"], "properties": {
        "key": { "type": "string", "maxLength": 100, "description": "Chosen for this reading alone." },
        "usage_point": { "type": "string", "description": "Its code, or the meter's asset number." },
        "at": moment(), "sent_at": moment(), "registers": registers_schema(),
        "position": position, "note": { "type": "string", "maxLength": 500 } } });
    let stop = object(&[
        ("request", ident()),
        ("usage_point", text()),
        ("account", text()),
        ("meter", text()),
        ("address", text()),
        ("area", text()),
    ]);
    vec![
        Operation {
            route: Route::get("/api/v1/field-route", "field", guard, route),
            id: "getFieldRoute",
            summary: "What is to be read with a handheld, by place.",
            parameters: Vec::new(),
            body: None,
            answer: object(&[("device", text()), ("items", list(&stop))]),
        },
        Operation {
            route: Route::post("/api/v1/field-readings", "field", guard, take)
                .body_limit(READING_BYTES)
                .timeout_s(120),
            id: "sendFieldReading",
            summary: "Deliver a reading; it keeps the handheld's time, and the same key counts once.",
            parameters: Vec::new(),
            body: Some(("application/json", reading)),
            answer: object(&[
                ("reading", ident()),
                ("known", json!({ "type": "boolean" })),
                ("conflicts", list(&text())),
            ]),
        },
        Operation {
            route: Route::post("/api/v1/field-readings/{reading}/photo", "field", guard, photo)
                .body_limit(PHOTO_BYTES),
            id: "sendFieldPhoto",
            summary: "Add the photo of a reading, JPEG or PNG of at most 1 MiB.",
            parameters: vec![in_path("reading", "The reading's id.")],
            body: Some(("image/jpeg", json!({ "type": "string", "format": "binary" }))),
            answer: object(&[("reading", ident())]),
        },
    ]
}

async fn device(web: &Web, headers: &HeaderMap) -> Result<DeviceRow, Failure> {
    let token = bearer(headers).unwrap_or_default();
    let mut tx = web.works.db.read().await?;
    Ok(field::recognise(&mut tx, token).await?)
}

async fn route(State(web): State<Web>, headers: HeaderMap) -> Result<Json<Value>, Failure> {
    let device = device(&web, &headers).await?;
    let mut tx = web.works.db.read().await?;
    let stops = field_route(&mut tx, device.org, ROUTE_MAX).await?;
    let items: Vec<Value> = stops
        .iter()
        .map(|stop| {
            json!({
                "request": stop.id.to_string(),
                "usage_point": stop.point_code,
                "account": stop.account_no,
                "meter": stop.asset_no,
                // Whoever stands there finds the meter by its number; the door is personal data.
                "address": registry::words::mask::address(&stop.address),
                "area": stop.area_name,
            })
        })
        .collect();
    Ok(Json(json!({ "device": device.name, "items": items })))
}

#[derive(Debug, Deserialize)]
struct Sent {
    key: String,
    usage_point: String,
    at: String,
    sent_at: String,
    registers: Map<String, Value>,
    position: Option<Place>,
    #[serde(default)]
    note: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Place {
    latitude: f64,
    longitude: f64,
}

/// Degrees to millionths. Beyond what a position can be it saturates, and is refused as one.
#[expect(clippy::cast_possible_truncation, reason = "saturates; the area checks the range")]
fn udeg(degrees: f64) -> i64 {
    (degrees * 1e6).round() as i64
}

async fn take(
    State(web): State<Web>,
    headers: HeaderMap,
    Json(sent): Json<Sent>,
) -> Result<Json<Value>, Failure> {
    let device = device(&web, &headers).await?;
    let reading = FieldReading {
        device_at: instant("at", &sent.at)?,
        sent_at: instant("sent_at", &sent.sent_at)?,
        registers: registers(&sent.registers)?,
        position: sent.position.map(|at| Position {
            latitude_udeg: udeg(at.latitude),
            longitude_udeg: udeg(at.longitude),
        }),
        key: sent.key,
        point: sent.usage_point,
        note: sent.note,
    };
    let taken = field::deliver(&web.works, &device, &reading).await?;
    Ok(Json(json!({
        "reading": taken.id.to_string(),
        "known": taken.known,
        "conflicts": taken.conflicts,
    })))
}

async fn photo(
    State(web): State<Web>,
    headers: HeaderMap,
    Path(reading): Path<String>,
    bytes: Bytes,
) -> Result<Json<Value>, Failure> {
    let device = device(&web, &headers).await?;
    let reading = id(&reading)?;
    field::attach_photo(&web.works, &device, (reading, bytes.to_vec())).await?;
    Ok(Json(json!({ "reading": reading.to_string() })))
}
