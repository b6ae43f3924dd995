//! What is true now, and what was told through other doors than messages.

use access::{Ctx, Right};
use kernel::Id;
use serde_json::{Map, Value as Json};
use store::Tx;

use crate::{
    NoticeRules,
    notices::{Kind, NoticeError, Stage, ToldRow, jobs::CORRECT, store::put_record},
};

/// Somebody heard a version of a record from an agent, the IVR or a page.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The organisation of the record.
    pub org: Id,
    /// What it was about: a word and an id.
    pub subject: (&'a str, Id),
    /// Which version of that.
    pub record_version: i64,
    /// Who heard it.
    pub person: Id,
    /// `agent`, `ivr`, `portal`, `api`, …
    pub door: &'a str,
}

/// A record changed in a way that people must know.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a> {
    /// The organisation of the record.
    pub org: Id,
    /// What kind of outage it is now.
    pub kind: Kind,
    /// What it is: a word and an id.
    pub subject: (&'a str, Id),
    /// The version, rising.
    pub record_version: i64,
    /// What it says now.
    pub variables: &'a Map<String, Json>,
}

/// Writes down who heard which version where. The door calls it for every answer that it gives, so
/// that a correction reaches everybody; it asks for no right beyond that of giving the answer.
///
/// # Errors
/// [`NoticeError::Invalid`] for a door without a name, or the database does not answer.
pub async fn note_told(ctx: &Ctx<'_>, tx: &mut Tx, told: Told<'_>) -> Result<(), NoticeError> {
    if told.door.is_empty() || told.subject.0.is_empty() || told.record_version < 1 {
        return Err(NoticeError::Invalid("say what was told, in which version, by which door"));
    }
    let row = ToldRow {
        id: tx.next_id(),
        org: told.org,
        subject_kind: told.subject.0.to_owned(),
        subject: told.subject.1,
        record_version: told.record_version,
        person: told.person,
        door: told.door.to_owned(),
        told_at: tx.now(),
        told_by: ctx.actor_name().to_owned(),
    };
    Ok(tx.insert("notice_told", &row).await?)
}

/// Says what is true of a record now. Those who heard an older version are told within a minute,
/// those whose message still waits are told the new one instead. A version that is not newer
/// changes nothing; whether it was newer is the answer.
///
/// # Errors
/// [`NoticeError::VariableMissing`] when it does not say what a correction needs, denied.
pub async fn record_changed(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    rules: &NoticeRules,
    change: Changed<'_>,
) -> Result<bool, NoticeError> {
    ctx.require(Right::NoticeSend, change.org)?;
    rules.templates.get(change.kind, Stage::Correction)?.check(change.variables)?;
    let unwritten = |e: serde_json::Error| NoticeError::VariableMissing(e.to_string());
    let variables = serde_json::to_string(change.variables).map_err(unwritten)?;
    let ((subject_kind, subject), now) = (change.subject, tx.now());
    let (org, kind, version) = (change.org, change.kind, change.record_version);
    let is_new =
        put_record(tx, org, subject_kind, subject, kind, version, &variables, now).await? > 0;
    if is_new {
        tx.nudge(CORRECT).await?;
    }
    Ok(is_new)
}
