//! The steps of a file that a person takes: handing it in, taking it in, putting it aside.

use access::{Audited, Ctx};
use kernel::Id;
use serde_json::json;
use store::Tx;

use super::{
    Handed, IntakeError, Kind,
    store::{FileRow, file_by_id, move_file},
};

/// Writes down that a file was handed in. It is looked through next.
///
/// # Errors
/// Denied, a layout that is not known, or the database's refusal.
pub async fn hand_in(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    handed: &Handed,
) -> Result<(), IntakeError> {
    ctx.require(handed.kind.right(), org)?;
    if !handed.format.is_empty() && crate::readings::Form::named(&handed.format).is_none() {
        return Err(IntakeError::Layout(handed.format.clone()));
    }
    let row = FileRow {
        id: handed.id,
        org,
        kind: handed.kind.word().to_owned(),
        file_name: handed.name.clone(),
        format: handed.format.clone(),
        policy: handed.bad_rows.word().to_owned(),
        byte_count: handed.bytes,
        state: "checking".to_owned(),
        row_count: 0,
        new_count: 0,
        known_count: 0,
        bad_count: 0,
        import: None,
        refusal: None,
        handed_in_by: ctx.actor_id(),
        handed_in_at: tx.now(),
        finished_at: None,
    };
    tx.insert("intake_file", &row).await?;
    audit(ctx, tx, &row, "handed_in").await
}

/// Has a file taken in that was looked through.
///
/// # Errors
/// Denied; [`IntakeError::Changed`] when it does not wait for this.
pub async fn approve(ctx: &Ctx<'_>, tx: &mut Tx, org: Id, id: Id) -> Result<FileRow, IntakeError> {
    step(ctx, tx, (org, id), "importing").await
}

/// Puts a file aside that was looked through: nothing of it counts.
///
/// # Errors
/// As [`approve`].
pub async fn discard(ctx: &Ctx<'_>, tx: &mut Tx, org: Id, id: Id) -> Result<FileRow, IntakeError> {
    step(ctx, tx, (org, id), "discarded").await
}

async fn step(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, id): (Id, Id),
    to: &'static str,
) -> Result<FileRow, IntakeError> {
    let row = file_by_id(tx, org, id).await?.ok_or(IntakeError::NotFound)?;
    let kind = Kind::from_word(&row.kind).ok_or(IntakeError::NotFound)?;
    ctx.require(kind.right(), org)?;
    let ended = (to == "discarded").then(|| tx.now());
    if move_file(tx, org, id, "checked", to, ended).await? == 0 {
        return Err(IntakeError::Changed);
    }
    audit(ctx, tx, &row, to).await?;
    Ok(row)
}

async fn audit(ctx: &Ctx<'_>, tx: &mut Tx, row: &FileRow, what: &str) -> Result<(), IntakeError> {
    let right = Kind::from_word(&row.kind).map_or("", |kind| kind.right().name());
    let after = json!({ "what": what, "file": row.file_name, "policy": row.policy });
    let done = Audited {
        org: row.org,
        action: right,
        object: &format!("intake:{}", row.id),
        before: None,
        after: Some(&after),
    };
    ctx.audit(tx, done).await?;
    Ok(())
}
