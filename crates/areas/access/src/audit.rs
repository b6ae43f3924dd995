//! The audit trail as operations write it: what was done, in their own transaction, and what was
//! refused, in one of its own.

use kernel::Id;
use store::{AuditEntry, Db, StoreError, Tx, Verdict};

use crate::Ctx;

/// What [`Ctx::audit`] writes.
#[derive(Debug, Clone, Copy)]
pub struct Audited<'a> {
    /// The organisation of the object.
    pub org: Id,
    /// What was done, usually the name of the right used.
    pub action: &'a str,
    /// To what.
    pub object: &'a str,
    /// The object before.
    pub before: Option<&'a serde_json::Value>,
    /// The object after.
    pub after: Option<&'a serde_json::Value>,
}

impl Ctx<'_> {
    /// Writes into the audit trail, in the operation's own transaction, that something was done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(&self, tx: &mut Tx, done: Audited<'_>) -> Result<(), StoreError> {
        let entry = AuditEntry {
            org: done.org,
            actor: self.actor_name(),
            action: done.action,
            object: done.object,
            purpose: None,
            outcome: Verdict::Allowed,
            before: done.before,
            after: done.after,
            request: self.request,
        };
        tx.audit(entry).await.map(drop)
    }
}

/// Writes the refusals of a request into the audit trail, in a transaction of their own, since the
/// operation's was dropped. The door calls it after every request.
///
/// # Errors
/// [`StoreError`].
pub async fn write_refusals(ctx: &Ctx<'_>, db: &Db) -> Result<(), StoreError> {
    let refusals = ctx.take_refusals();
    if refusals.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    for denied in refusals {
        tx.audit(AuditEntry {
            org: denied.org,
            actor: &denied.actor,
            action: denied.right.name(),
            object: &format!("organisation:{}", denied.org),
            purpose: None,
            outcome: Verdict::Refused,
            before: None,
            after: None,
            request: ctx.request,
        })
        .await?;
    }
    tx.commit().await
}
