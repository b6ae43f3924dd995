//! The watch over readings, on a timer: raise, follow, escalate. Idempotent and bounded; what one pass
//! leaves the next one takes.

use access::Actor;
use jiff::ToSpan;
use kernel::Id;

use super::{
    AlertError, NewAlert, ops,
    store::{alert_by_id, concentrator_alert, owner_of_concentrator, silent_concentrators},
};
use crate::{
    Works, blocking, field,
    settlement::{last_settled, settling_organisations},
};

/// Looks after the alerts of every organisation.
///
/// # Errors
/// When the database refuses.
pub async fn watch(works: &Works) -> Result<(), AlertError> {
    let actor = Actor::program("watch");
    let mut tx = works.db.read().await?;
    let all = settling_organisations(&mut tx).await?;
    drop(tx);
    for org in all {
        let ctx = works.ctx(&actor, "watch");
        let rules = &works.rules.metering.alert;
        let mut tx = works.db.begin().await?;
        ops::raise_findings(&mut tx, org, rules).await?;
        raise_silent(works, &mut tx, org).await?;
        ops::follow(&mut tx, org).await?;
        ops::escalate(&ctx, &mut tx, org, rules).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Concentrators none of whose meters was read for the last cycles (S-050).
async fn raise_silent(works: &Works, tx: &mut store::Tx, org: Id) -> Result<(), AlertError> {
    let rules = &works.rules.metering.alert;
    let Some(last) = last_settled(tx, org).await? else { return Ok(()) };
    let cycles = rules.silent_cycles.max(1);
    let from = last.day.checked_sub((cycles - 1).days()).unwrap_or(last.day);
    let mut alerts = Vec::new();
    for (concentrator, gaps, meters) in silent_concentrators(tx, org, from, last.day).await? {
        // One alert for the silence, not one for every further day of it.
        let is_known = concentrator_alert(tx, org, &concentrator).await?.is_some();
        if is_known || meters == 0 || gaps < meters * i64::from(cycles) {
            continue;
        }
        let owner = owner_of_concentrator(tx, org, &concentrator).await?.flatten();
        alerts.push(NewAlert {
            kind: "concentrator",
            code: "concentrator_silent".to_owned(),
            source_key: format!("concentrator:{concentrator}:{}", last.day),
            usage_point: Id::from_i64(0),
            exception: Id::from_i64(0),
            concentrator,
            day: Some(last.day),
            note: format!("{meters}"),
            raised_by: Id::from_i64(0),
            owner: owner.unwrap_or(Id::from_i64(0)),
        });
    }
    ops::raise(tx, org, alerts, rules).await?;
    Ok(())
}

/// Adds the photo of an alert, once; what is no JPEG or PNG is refused.
///
/// # Errors
/// [`AlertError::NotFound`], [`AlertError::Changed`], [`AlertError::Field`], denied.
pub async fn attach_photo(
    works: &Works,
    actor: &Actor,
    org: Id,
    (id, bytes): (Id, Vec<u8>),
) -> Result<(), AlertError> {
    let kind = field::photo_type(&bytes)
        .ok_or(AlertError::Field { field: "photo", reason: "send a JPEG or PNG picture" })?;
    let mut tx = works.db.read().await?;
    let row = alert_by_id(&mut tx, org, id).await?.ok_or(AlertError::NotFound)?;
    drop(tx);
    if row.photo_type.is_some() {
        return Err(AlertError::Changed);
    }
    let (lake, key) = (works.lake.clone(), photo_key(id));
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
    let ctx = works.ctx(actor, "photo");
    let mut tx = works.db.begin().await?;
    ops::add_photo(&ctx, &mut tx, org, (id, kind)).await?;
    tx.commit().await?;
    Ok(())
}

/// The photo of an alert: its media type and bytes.
///
/// # Errors
/// [`AlertError::NotFound`] when there is none.
pub async fn photo(works: &Works, org: Id, id: Id) -> Result<(String, Vec<u8>), AlertError> {
    let mut tx = works.db.read().await?;
    let row = alert_by_id(&mut tx, org, id).await?.ok_or(AlertError::NotFound)?;
    drop(tx);
    let kind = row.photo_type.ok_or(AlertError::NotFound)?;
    let (lake, key) = (works.lake.clone(), photo_key(id));
    let bytes = blocking(move || {
        let path = lake.store().fetch(&key)?;
        std::fs::read(&path).map_err(|source| lake::LakeError::Io {
            path,
            action: "read the photo",
            source,
        })
    })
    .await?;
    Ok((kind, bytes))
}

/// Where the bytes of a photo lie in the lake's store.
fn photo_key(alert: Id) -> String {
    format!("alerts/{alert}")
}
