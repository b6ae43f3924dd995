//! A reading from the field, with what it changes in settled days, and its photo.

use std::collections::BTreeMap;

use jiff::ToSpan;
use kernel::{Id, Instant};
use lake::settle::business_day;
use metering::reading::Source;
use store::Tx;

use super::{
    FieldError, FieldReading, Taken, ops, rules,
    store::{DeviceRow, FieldReadingRow, field_reading_by_id, reading_by_key, set_photo},
};
use crate::{
    Works, blocking, meters,
    readings::{DayRows, history, settle_late, single, write_days},
};

/// Longer keys and notes are refused.
const KEY_MAX: usize = 100;
const NOTE_MAX: usize = 500;
/// A reading may be ahead of the clock by the difference of two clocks, not more, in seconds.
const AHEAD_S: i64 = 3_600;
/// Days before and after a reading that are compared with it.
const AROUND_DAYS: i32 = 40;

/// Takes a reading of a handheld. It keeps the device's time; the same key counts once.
///
/// # Errors
/// [`FieldError::NoMeter`], [`FieldError::Field`], a value that is none.
pub async fn deliver(
    works: &Works,
    device: &DeviceRow,
    reading: &FieldReading,
) -> Result<Taken, FieldError> {
    let (org, zone) = (device.org, &works.rules.zone);
    let now = works.db.now();
    check(works, reading, now)?;
    let mut tx = works.db.read().await?;
    if let Some(row) = reading_by_key(&mut tx, org, device.id, &reading.key).await? {
        return Ok(Taken { id: row.id, known: true, conflicts: Vec::new() });
    }
    let day = business_day(zone, reading.device_at);
    let hung = place(&mut tx, org, &reading.point, day).await?;
    let hung = hung.ok_or_else(|| FieldError::NoMeter(reading.point.clone()))?;
    let meter = meters::meter_by_id(&mut tx, org, hung.1).await?;
    drop(tx);
    let scale = meter.and_then(|meter| u8::try_from(meter.register_scale).ok()).unwrap_or(0);
    let at = (hung.0, hung.1, reading.device_at);
    let row = single(at, Source::Handheld, scale, &reading.registers)?;
    let around = (
        day.checked_sub(AROUND_DAYS.days()).unwrap_or(day),
        day.checked_add(AROUND_DAYS.days()).unwrap_or(day),
    );
    let (_, others) = history(works, org, hung.0, around).await?;
    let skew_s = works.rules.metering.field.clock_skew_minutes * 60;
    let conflicts = rules::conflicts(&row, (reading.sent_at, now, skew_s), &others);
    let rows = DayRows { readings: vec![row], intervals: Vec::new() };
    let files = write_days(works, org, BTreeMap::from([(day, rows)])).await?;
    let registers: BTreeMap<&str, &str> =
        reading.registers.iter().map(|(kind, text)| (kind.name(), text.as_str())).collect();
    let stored = FieldReadingRow {
        id: works.db.next_id(),
        org,
        device: device.id,
        client_key: reading.key.clone(),
        usage_point: hung.0,
        meter: hung.1,
        device_at: reading.device_at,
        received_at: now,
        latitude_udeg: reading.position.map(|at| at.latitude_udeg),
        longitude_udeg: reading.position.map(|at| at.longitude_udeg),
        registers: serde_json::to_string(&registers).unwrap_or_default(),
        note: reading.note.clone(),
        photo_type: None,
    };
    let actor = ops::actor_of(device);
    let ctx = works.ctx(&actor, &reading.key);
    let mut tx = works.db.begin().await?;
    let what = (day, files.as_slice(), conflicts.as_slice(), &works.rules.metering.alert);
    ops::take(&ctx, &mut tx, device, &stored, what).await?;
    tx.commit().await?;
    settle_late(works, &actor, org, "late_readings").await?;
    Ok(Taken { id: stored.id, known: false, conflicts })
}

fn check(works: &Works, reading: &FieldReading, now: Instant) -> Result<(), FieldError> {
    let wrong = |field, reason: String| Err(FieldError::Field { field, reason });
    if reading.key.is_empty() || reading.key.len() > KEY_MAX {
        return wrong("key", format!("1 to {KEY_MAX} characters"));
    }
    if reading.note.chars().count() > NOTE_MAX {
        return wrong("note", format!("at most {NOTE_MAX} characters"));
    }
    if reading.device_at > now.plus_seconds(AHEAD_S) {
        return wrong("at", "it lies in the future: set the clock of the handheld".to_owned());
    }
    let days = i64::from(works.rules.metering.field.offline_days);
    if reading.device_at < now.plus_seconds(-days * 86_400) {
        return wrong("at", format!("it is older than {days} days"));
    }
    if let Some(at) = reading.position {
        let fits = at.latitude_udeg.abs() <= 90_000_000 && at.longitude_udeg.abs() <= 180_000_000;
        if !fits {
            return wrong("position", "there is no such place".to_owned());
        }
    }
    Ok(())
}

/// Usage point and meter of a name on a day.
async fn place(
    tx: &mut Tx,
    org: Id,
    name: &str,
    day: kernel::Date,
) -> Result<Option<(Id, Id)>, FieldError> {
    let places = match registry::premises::usage_point_by_code(tx, org, name).await? {
        Some(point) => meters::installations_of_usage_point(tx, org, point.id).await?,
        None => match meters::meter_by_asset_no(tx, org, name).await? {
            Some(meter) => meters::installations_of_meter(tx, org, meter.id).await?,
            None => Vec::new(),
        },
    };
    let hung = places.into_iter().find(|place| {
        place.installed_on <= day && place.removed_on.is_none_or(|removed| day < removed)
    });
    Ok(hung.map(|place| (place.usage_point, place.meter)))
}

/// Keeps the photo of a reading, once; what is no JPEG or PNG is refused.
///
/// # Errors
/// [`FieldError::NotFound`] for a reading of another device, [`FieldError::Field`].
pub async fn attach_photo(
    works: &Works,
    device: &DeviceRow,
    (id, bytes): (Id, Vec<u8>),
) -> Result<(), FieldError> {
    let kind = rules::photo_type(&bytes).ok_or_else(|| FieldError::Field {
        field: "photo",
        reason: "send a JPEG or PNG picture".to_owned(),
    })?;
    let mut tx = works.db.read().await?;
    let row = field_reading_by_id(&mut tx, device.org, id).await?;
    drop(tx);
    row.filter(|row| row.device == device.id).ok_or(FieldError::NotFound)?;
    let (lake, key) = (works.lake.clone(), format!("field/{id}"));
    blocking(move || {
        let path = lake.store().prepare(&key)?;
        std::fs::write(&path, &bytes).map_err(|source| lake::LakeError::Io {
            path: path.clone(),
            action: "write the photo",
            source,
        })?;
        lake.store().publish(&key, &path)
    })
    .await?;
    let mut tx = works.db.begin().await?;
    set_photo(&mut tx, device.org, id, device.id, kind).await?;
    tx.commit().await?;
    Ok(())
}
