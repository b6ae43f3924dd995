//! What every operation leaves behind: a fact for those who act on it, and an entry in the audit
//! trail with before and after. Personal values go in masked; the tables hold the values.

use access::Ctx;
use kernel::Id;
use serde_json::Value as Json;
use store::{AuditEntry, Fact, StoreError, Tx, Verdict};

/// A change to leave a trace of.
pub(crate) struct Change<'a> {
    pub org: Id,
    /// `registry.contact_changed`
    pub fact: &'static str,
    /// `person`, `account`, `usage_point`
    pub object: &'static str,
    pub subject: Id,
    pub payload: Json,
    pub before: Option<&'a Json>,
    pub after: Option<&'a Json>,
}

impl Change<'_> {
    /// A change that only says what is so now.
    pub(crate) const fn new(
        org: Id,
        fact: &'static str,
        object: &'static str,
        subject: Id,
        payload: Json,
    ) -> Self {
        Self { org, fact, object, subject, payload, before: None, after: None }
    }

    /// Writes the fact and the audit entry.
    pub(crate) async fn write(self, ctx: &Ctx<'_>, tx: &mut Tx) -> Result<(), StoreError> {
        tx.audit(AuditEntry {
            org: self.org,
            actor: ctx.actor_name(),
            action: self.fact,
            object: &format!("{}:{}", self.object, self.subject),
            purpose: None,
            outcome: Verdict::Allowed,
            before: self.before,
            after: Some(self.after.unwrap_or(&self.payload)),
            request: ctx.request,
        })
        .await?;
        tx.emit(Fact {
            org: self.org,
            kind: self.fact,
            subject: self.subject,
            payload: self.payload,
            actor: ctx.actor_name(),
            request: ctx.request,
        })
        .await?;
        Ok(())
    }
}
