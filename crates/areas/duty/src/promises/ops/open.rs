//! A fact opens the promises that the packs in force attach to it.

use access::Ctx;
use kernel::Id;
use promise::Rule;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{OnConflict, Tx};

use super::{advance, emit};
use crate::promises::{
    Books, OpenPromises, PromiseError, PromiseRow, State,
    store::{RuleRow, promise_of, rule_by_digest},
};

/// Opens every promise that the fact means; asked again for the same occasion, the same promises
/// are returned and nothing is written. A lead time that is too short already is broken at once.
///
/// # Errors
/// A lead time without its event, a stored pack that cannot be read.
pub async fn open(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    books: &Books,
    fact: &OpenPromises<'_>,
) -> Result<Vec<PromiseRow>, PromiseError> {
    let book = books.of(tx, fact.org).await?;
    let on = books.zone().date_of(fact.opened_at);
    let mut opened = Vec::new();
    for rule in book.library.opened_by(fact.trigger, &fact.attributes, on) {
        if rule.limit.unit.is_before() && fact.target_at.is_none() {
            return Err(promise::ClockError::NoTarget(rule.id.clone()).into());
        }
        let rule_row = keep_rule(tx, fact.org, rule).await?;
        let row = row_of(tx, rule, rule_row, fact);
        if tx.insert_all("promise", std::slice::from_ref(&row), OnConflict::Keep).await? == 0 {
            let (kind, subject) = fact.subject;
            let known = promise_of(tx, fact.org, &rule.id, kind, subject, fact.occasion).await?;
            opened.push(known.ok_or(PromiseError::NotFound)?);
            continue;
        }
        emit(ctx, tx, &row, "duty.promise_opened", json!({ "trigger": fact.trigger })).await?;
        opened.push(advance(ctx, tx, books, row).await?);
    }
    Ok(opened)
}

fn row_of(tx: &Tx, rule: &Rule, rule_row: Id, fact: &OpenPromises<'_>) -> PromiseRow {
    PromiseRow {
        id: tx.next_id(),
        org: fact.org,
        rule: rule_row,
        rule_id: rule.id.clone(),
        subject_kind: fact.subject.0.to_owned(),
        subject: fact.subject.1,
        occasion: fact.occasion.to_owned(),
        person: fact.person,
        opened_at: fact.opened_at,
        target_at: fact.target_at,
        due_at: None,
        due_on: None,
        at_risk_at: None,
        next_at: None,
        state: State::Open,
        verdict_at: None,
        done_at: None,
        done_by: None,
        evidence: None,
        withdrawn_at: None,
        step_percent: 0,
        stuck: None,
        needs_approver: rule.breach.approver,
        needs_reason: rule.breach.reason,
        breach_approver: None,
        breach_reason: None,
        breach_answered_at: None,
        version: 1,
    }
}

/// The stored version of a rule, written down when it is seen for the first time.
pub(super) async fn keep_rule(tx: &mut Tx, org: Id, rule: &Rule) -> Result<Id, PromiseError> {
    let body = serde_json::to_string(rule).map_err(|error| PromiseError::Corrupt {
        promise: Id::from_i64(0),
        reason: error.to_string(),
    })?;
    let digest = Sha256::digest(body.as_bytes());
    let body_sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(id) = rule_by_digest(tx, org, &body_sha256).await? {
        return Ok(id);
    }
    let row = RuleRow { id: tx.next_id(), org, rule_id: rule.id.clone(), body, body_sha256 };
    tx.insert_all("promise_rule", std::slice::from_ref(&row), OnConflict::Keep).await?;
    rule_by_digest(tx, org, &row.body_sha256).await?.ok_or(PromiseError::NotFound)
}
