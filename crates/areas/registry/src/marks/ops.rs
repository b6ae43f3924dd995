//! Setting and ending marks.

use access::{Ctx, Right};
use kernel::{Date, Id};
use serde_json::json;
use store::Tx;

use super::store::{self as sql, Mark};
use crate::{
    FieldError, RegistryError, SubjectKind, people, premises, trace::Change, words::normal,
};

/// Sets a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddMark {
    /// The organisation.
    pub org: Id,
    /// On what.
    pub subject_kind: SubjectKind,
    /// On which one.
    pub subject: Id,
    /// Such as `life_support`; small letters, digits and `_`.
    pub kind: String,
    /// What proves it.
    pub evidence: String,
    /// The first day.
    pub marked_from: Date,
    /// The first day after it, if known.
    pub marked_to: Option<Date>,
    /// Who said so.
    pub source: String,
}

/// Ends a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndMark {
    /// The organisation.
    pub org: Id,
    /// Which one.
    pub mark: Id,
    /// The version that the end was decided on.
    pub version: i64,
    /// The first day on which it no longer holds.
    pub on: Date,
}

/// Sets a mark.
///
/// # Errors
/// Denied, no such subject, wrong fields, or one of this kind holds then already.
pub async fn add_mark(ctx: &Ctx<'_>, tx: &mut Tx, command: AddMark) -> Result<Id, RegistryError> {
    let AddMark { org, subject_kind, subject, .. } = command;
    ctx.require(Right::CustomerWrite, org)?;
    check(&command).map_err(RegistryError::Invalid)?;
    exists(tx, org, subject_kind, subject).await?;
    tx.lock("registry.mark", subject).await?;
    let held = sql::marks_on(tx, subject_kind, subject).await?;
    let ends = |to: Option<Date>, from: Date| to.is_some_and(|to| to <= from);
    let meets = |m: &&Mark| {
        m.kind == command.kind
            && !ends(m.marked_to, command.marked_from)
            && !ends(command.marked_to, m.marked_from)
    };
    if let Some(other) = held.iter().find(meets) {
        return Err(RegistryError::State(format!(
            "it has the mark {} from {} already: end that one first",
            other.kind, other.marked_from
        )));
    }
    let mark = Mark {
        id: tx.next_id(),
        org,
        subject_kind,
        subject,
        kind: command.kind,
        evidence: command.evidence,
        marked_from: command.marked_from,
        marked_to: command.marked_to,
        source: command.source,
        recorded_at: tx.now(),
        version: 1,
    };
    tx.insert("mark", &mark).await?;
    trace(ctx, tx, "registry.mark_added", &mark).await?;
    Ok(mark.id)
}

/// Ends a mark.
///
/// # Errors
/// Denied, not found, ended or changed meanwhile, or the day is not after its first.
pub async fn end_mark(ctx: &Ctx<'_>, tx: &mut Tx, command: EndMark) -> Result<(), RegistryError> {
    let EndMark { org, mark: id, version, on } = command;
    ctx.require(Right::CustomerWrite, org)?;
    let mark =
        sql::mark_by_id(tx, org, id).await?.ok_or_else(|| RegistryError::not_found("mark", id))?;
    if on <= mark.marked_from {
        let message = format!("write a day after {}, its first", mark.marked_from);
        return Err(RegistryError::Invalid(vec![FieldError { field: "on", message }]));
    }
    if sql::end_mark(tx, id, version, on).await? != 1 {
        return Err(RegistryError::Changed { what: "mark", id });
    }
    trace(ctx, tx, "registry.mark_ended", &Mark { marked_to: Some(on), ..mark }).await
}

fn check(command: &AddMark) -> Result<(), Vec<FieldError>> {
    let mut faults = Vec::new();
    let mut add = |field, message: &str| {
        faults.push(FieldError { field, message: message.to_owned() });
    };
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if command.kind.is_empty() || command.kind.len() > 40 || !command.kind.chars().all(word) {
        add("kind", "write up to 40 small letters, digits or _");
    }
    if normal::line(&command.source, 100).is_err() {
        add("source", "say who said so, in at most 100 characters");
    }
    if command.evidence.chars().count() > 500 {
        add("evidence", "write at most 500 characters");
    }
    if command.marked_to.is_some_and(|to| to <= command.marked_from) {
        add("marked_to", "write a day after the first");
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

async fn exists(tx: &mut Tx, org: Id, kind: SubjectKind, id: Id) -> Result<(), RegistryError> {
    let found = match kind {
        SubjectKind::Person => people::store::person_by_id(tx, org, id).await?.is_some(),
        SubjectKind::Account => premises::store::account_by_id(tx, org, id).await?.is_some(),
        SubjectKind::UsagePoint => premises::store::usage_point_by_id(tx, org, id).await?.is_some(),
    };
    if found { Ok(()) } else { Err(RegistryError::not_found(kind.word(), id)) }
}

async fn trace(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    fact: &'static str,
    mark: &Mark,
) -> Result<(), RegistryError> {
    let payload = json!({
        "mark": mark.id, "subject_kind": mark.subject_kind, "subject": mark.subject,
        "kind": mark.kind, "marked_from": mark.marked_from.to_string(),
        "marked_to": mark.marked_to.map(|d| d.to_string()), "source": mark.source,
    });
    let object = mark.subject_kind.word();
    Change::new(mark.org, fact, object, mark.subject, payload).write(ctx, tx).await?;
    Ok(())
}
