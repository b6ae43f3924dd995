//! Registering and revoking handhelds, and making their readings count.

use access::{Actor, Ctx, Right};
use kernel::{Date, Id};
use lake::Manifest;
use serde_json::json;
use store::{Fact, Tx};

use super::{
    FieldError,
    rules::{PREFIX, hex, token_hash},
    store::{DeviceRow, FieldReadingRow, NewDeviceRow, device_by_id, set_revoked, set_seen},
};
use crate::{
    alerts::{NewAlert, raise},
    count_file, deed,
    metering_rules::AlertRules,
    readings::note_late,
    requests::complete,
};

/// A handheld just registered; the token is shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedDevice {
    /// Its id.
    pub id: Id,
    /// What it sends as `Authorization: Bearer …`.
    pub token: String,
}

impl std::fmt::Debug for IssuedDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedDevice").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Registers a handheld.
///
/// # Errors
/// [`FieldError::Field`] for a name or holder that is empty or too long, denied.
pub async fn register(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (name, holder): (&str, &str),
) -> Result<IssuedDevice, FieldError> {
    ctx.require(Right::MeterWrite, org)?;
    for (field, text) in [("name", name), ("holder", holder)] {
        if text.trim().is_empty() || text.chars().count() > 60 {
            let reason = "write 1 to 60 characters".to_owned();
            return Err(FieldError::Field { field, reason });
        }
    }
    let token = format!("{PREFIX}{}", hex(&ctx.random.bytes::<32>()));
    let row = NewDeviceRow {
        id: tx.next_id(),
        org,
        name: name.trim().to_owned(),
        holder: holder.trim().to_owned(),
        token_hash: token_hash(&token),
        registered_at: tx.now(),
        registered_by: ctx.actor_id(),
    };
    tx.insert("field_device", &row).await?;
    let after = json!({ "name": row.name, "holder": row.holder });
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("field_device", row.id),
        "supply.handheld_registered",
        after,
    )
    .await?;
    Ok(IssuedDevice { id: row.id, token })
}

/// Revokes a handheld: from the next request on, nothing comes in from it.
///
/// # Errors
/// [`FieldError::NotFound`], also when it was revoked already; denied.
pub async fn revoke(ctx: &Ctx<'_>, tx: &mut Tx, org: Id, id: Id) -> Result<(), FieldError> {
    ctx.require(Right::MeterWrite, org)?;
    let device = device_by_id(tx, org, id).await?.ok_or(FieldError::NotFound)?;
    if set_revoked(tx, org, device.id, tx.now()).await? == 0 {
        return Err(FieldError::NotFound);
    }
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("field_device", id),
        "supply.handheld_revoked",
        json!({ "revoked": true }),
    )
    .await?;
    Ok(())
}

/// Makes a reading count, whose row in the lake is in `files`. The device's registration is its right.
pub(super) async fn take(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    device: &DeviceRow,
    row: &FieldReadingRow,
    (day, files, conflicts, rules): (Date, &[Manifest], &[&'static str], &AlertRules),
) -> Result<(), FieldError> {
    let org = device.org;
    tx.lock("settlement", org).await?;
    tx.insert("field_reading", row).await?;
    set_seen(tx, org, device.id, tx.now()).await?;
    for file in files {
        count_file(tx, org, Some(row.id), file).await?;
    }
    note_late(tx, org, &[(row.usage_point.get(), day)].into()).await?;
    let request = complete(tx, org, row.usage_point).await?;
    let alerts = conflicts
        .iter()
        .map(|code| NewAlert {
            kind: "field",
            code: (*code).to_owned(),
            source_key: format!("{code}:{}", row.id),
            usage_point: row.usage_point,
            exception: Id::from_i64(0),
            concentrator: String::new(),
            day: Some(day),
            note: format!("{} · {} · {}", device.name, row.device_at, row.registers),
            raised_by: Id::from_i64(0),
            owner: Id::from_i64(0),
        })
        .collect();
    raise(tx, org, alerts, rules).await?;
    let payload = json!({ "usage_point": row.usage_point, "device": device.id, "request": request,
        "device_at": row.device_at, "conflicts": conflicts });
    let (actor, request) = (ctx.actor_name(), ctx.request);
    let kind = "supply.field_reading_taken";
    tx.emit(Fact { org, kind, subject: row.id, payload, actor, request }).await?;
    Ok(())
}

/// Who acts when a handheld delivers.
pub(super) fn actor_of(device: &DeviceRow) -> Actor {
    Actor::program(&format!("handheld:{}", device.id))
}
