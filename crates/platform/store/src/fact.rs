//! Facts: what happened, written in the transaction that made it happen, together with one job
//! for each subscriber. There is no relay to lag behind and no sequence with gaps to read past.

use kernel::{Id, Instant};
use serde_json::json;

use crate::{NewJob, StoreError, Tx};

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Fact<'a> {
    /// The organisation it belongs to.
    pub org: Id,
    /// In the past tense: `supply.bill_issued`.
    pub kind: &'static str,
    /// The row it is about.
    pub subject: Id,
    /// What a subscriber needs to know.
    pub payload: serde_json::Value,
    /// Who did it, for example `user:123` or `job:supply.settle_day`.
    pub actor: &'a str,
    /// The request it happened in.
    pub request: &'a str,
}

crate::record! {
    /// A fact as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FactRow {
        /// Its id; rising within one process.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// What happened.
        pub kind: String,
        /// The row it is about.
        pub subject: Id,
        /// JSON.
        pub payload: String,
        /// When.
        pub at: Instant,
        /// Who.
        pub actor: String,
        /// In which request.
        pub request: String,
    }
}

crate::statements! {
    /// One fact.
    optional fact_by_id(id: Id) -> FactRow =
        "SELECT id, org, kind, subject, payload, at, actor, request FROM fact WHERE id = $1";
    /// The history of one thing, oldest first, after a given fact.
    all facts_about(subject: Id, after: Id, limit: i64) -> FactRow =
        "SELECT id, org, kind, subject, payload, at, actor, request FROM fact
         WHERE subject = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// The facts of one kind in one organisation, oldest first, after a given fact.
    all facts_of_kind(org: Id, kind: &str, after: Id, limit: i64) -> FactRow =
        "SELECT id, org, kind, subject, payload, at, actor, request FROM fact
         WHERE org = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT $4";
}

impl Tx {
    /// Writes a fact and one job for each subscriber. The job's payload is
    /// `{"fact", "kind", "org", "subject", "payload"}`, ids as strings.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn emit(&mut self, fact: Fact<'_>) -> Result<Id, StoreError> {
        let id = self.next_id();
        let row = FactRow {
            id,
            org: fact.org,
            kind: fact.kind.to_owned(),
            subject: fact.subject,
            payload: fact.payload.to_string(),
            at: self.now(),
            actor: fact.actor.to_owned(),
            request: fact.request.to_owned(),
        };
        self.insert("fact", &row).await?;
        let jobs: Vec<&'static str> = self
            .db
            .inner
            .options
            .subscriptions
            .iter()
            .filter(|s| s.fact == fact.kind)
            .map(|s| s.job)
            .collect();
        if jobs.is_empty() {
            return Ok(id);
        }
        let payload = json!({
            "fact": id, "kind": fact.kind, "org": fact.org, "subject": fact.subject,
            "payload": fact.payload,
        });
        for name in jobs {
            self.enqueue(NewJob {
                org: fact.org,
                name,
                payload: &payload,
                dedup: None,
                run_at: None,
            })
            .await?;
        }
        Ok(id)
    }
}
