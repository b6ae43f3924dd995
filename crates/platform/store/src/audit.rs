//! The audit trail: who did or tried what, to which object, and why they looked at personal data.
//! Rows are only ever added.

use kernel::{Id, Instant};

use crate::{Column, Kind, Param, StoreError, Stored, Tx, Value};

/// Whether the person was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It was done.
    Allowed,
    /// It was refused.
    Refused,
}

impl Verdict {
    /// The stable name, as stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
        }
    }
}

impl Param for Verdict {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(self.name().into())
    }
}

impl Column for Verdict {
    const KIND: Kind = Kind::Text;
    fn from_stored(stored: Stored) -> Result<Self, String> {
        match String::from_stored(stored)?.as_str() {
            "allowed" => Ok(Self::Allowed),
            "refused" => Ok(Self::Refused),
            other => Err(format!("{other:?} is no outcome")),
        }
    }
}

/// One entry to write.
#[derive(Debug, Clone)]
pub struct AuditEntry<'a> {
    /// The organisation of the object.
    pub org: Id,
    /// Who, for example `user:123`.
    pub actor: &'a str,
    /// What, for example `bill.correct`.
    pub action: &'a str,
    /// To what, for example `bill:456`.
    pub object: &'a str,
    /// Why, where personal data is shown in clear.
    pub purpose: Option<&'a str>,
    /// Whether it was allowed.
    pub outcome: Verdict,
    /// The object before, where it changed.
    pub before: Option<&'a serde_json::Value>,
    /// The object after.
    pub after: Option<&'a serde_json::Value>,
    /// The request it happened in.
    pub request: &'a str,
}

crate::record! {
    /// One entry as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AuditRow {
        /// Its id.
        pub id: Id,
        /// When.
        pub at: Instant,
        /// The organisation of the object.
        pub org: Id,
        /// Who.
        pub actor: String,
        /// What.
        pub action: String,
        /// To what.
        pub object: String,
        /// Why.
        pub purpose: Option<String>,
        /// Whether it was allowed.
        pub outcome: Verdict,
        /// JSON.
        pub before_json: Option<String>,
        /// JSON.
        pub after_json: Option<String>,
        /// In which request.
        pub request: String,
    }
}

crate::statements! {
    /// What happened to one object, newest first.
    all audit_of_object(object: &str, before: Id, limit: i64) -> AuditRow =
        "SELECT id, at, org, actor, action, object, purpose, outcome, before_json, after_json, request
         FROM audit WHERE object = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// What one actor did, newest first.
    all audit_of_actor(actor: &str, before: Id, limit: i64) -> AuditRow =
        "SELECT id, at, org, actor, action, object, purpose, outcome, before_json, after_json, request
         FROM audit WHERE actor = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// What happened in a period, newest first; an empty actor, action or object means any, and
    /// so does organisation 0.
    all audit_between(
        org: Id, from: Instant, to: Instant, actor: &str, action: &str, object: &str,
        before: Id, limit: i64,
    ) -> AuditRow =
        "SELECT id, at, org, actor, action, object, purpose, outcome, before_json, after_json, request
         FROM audit
         WHERE ($1 = 0 OR org = $1) AND at >= $2 AND at < $3 AND ($4 = '' OR actor = $4)
           AND ($5 = '' OR action = $5) AND ($6 = '' OR object = $6) AND id < $7
         ORDER BY id DESC LIMIT $8";
}

impl Tx {
    /// Writes an entry in this transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(&mut self, entry: AuditEntry<'_>) -> Result<Id, StoreError> {
        let row = AuditRow {
            id: self.next_id(),
            at: self.now(),
            org: entry.org,
            actor: entry.actor.to_owned(),
            action: entry.action.to_owned(),
            object: entry.object.to_owned(),
            purpose: entry.purpose.map(str::to_owned),
            outcome: entry.outcome,
            before_json: entry.before.map(ToString::to_string),
            after_json: entry.after.map(ToString::to_string),
            request: entry.request.to_owned(),
        };
        self.insert("audit", &row).await?;
        Ok(row.id)
    }
}
