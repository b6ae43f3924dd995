//! The types: a job to enqueue, a job as stored, a job in hand.

use kernel::{Fault, FaultKind, Id, Instant};
use serde::de::DeserializeOwned;

use crate::{Db, StoreError};

/// A job to enqueue.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a> {
    /// The organisation it works for.
    pub org: Id,
    /// In the imperative: `supply.settle_day`.
    pub name: &'a str,
    /// What the handler needs.
    pub payload: &'a serde_json::Value,
    /// While a job with this name and key waits, no second one is made.
    pub dedup: Option<&'a str>,
    /// Not before this instant; now when none.
    pub run_at: Option<Instant>,
}

/// What became of a request for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// A new job.
    New(Id),
    /// One with the same key waits already.
    Waiting(Id),
}

impl Enqueued {
    /// The job that will do the work.
    #[must_use]
    pub const fn id(self) -> Id {
        match self {
            Self::New(id) | Self::Waiting(id) => id,
        }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It waits for its time or for a worker.
    Queued,
    /// A worker holds it.
    Running,
    /// It has succeeded.
    Done,
    /// It has failed for good; a person decides.
    Dead,
    /// A person called it off.
    Cancelled,
}

impl JobState {
    /// The stable name, as stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Done, Self::Dead, Self::Cancelled]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

impl crate::Param for JobState {
    const KIND: crate::Kind = crate::Kind::Text;
    fn value(&self) -> crate::Value<'_> {
        crate::Value::Text(self.name().into())
    }
}

impl crate::Column for JobState {
    const KIND: crate::Kind = crate::Kind::Text;
    fn from_stored(stored: crate::Stored) -> Result<Self, String> {
        let text = String::from_stored(stored)?;
        Self::from_name(&text).ok_or_else(|| format!("{text:?} is no state of a job"))
    }
}

crate::record! {
    /// A job as stored, for the jobs page.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct JobRow {
        /// Its id.
        pub id: Id,
        /// The organisation it works for.
        pub org: Id,
        /// What it does.
        pub name: String,
        /// JSON.
        pub payload: String,
        /// The key that merges equal requests.
        pub dedup: Option<String>,
        /// Where it stands.
        pub state: JobState,
        /// Not before.
        pub run_at: Instant,
        /// How often a worker has taken it.
        pub attempts: i64,
        /// How often it has failed since it was last queued by a person.
        pub failures: i64,
        /// Until when the worker holds it.
        pub lease_until: Instant,
        /// The worker that holds or held it.
        pub leased_by: Option<String>,
        /// How far it is, of `progress_total`.
        pub progress_done: i64,
        /// How much there is to do; 0 when unknown.
        pub progress_total: i64,
        /// What it is doing.
        pub progress_message: String,
        /// Why it failed last.
        pub last_error: Option<String>,
        /// Whether a person asked a running job to stop.
        pub cancel_asked: bool,
        /// When it was enqueued.
        pub created_at: Instant,
        /// When a worker last took it.
        pub started_at: Option<Instant>,
        /// When it ended.
        pub finished_at: Option<Instant>,
    }

    /// How many jobs stand where.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct JobSummary {
        /// The name of the jobs.
        pub name: String,
        /// Where they stand.
        pub state: JobState,
        /// How many.
        pub count: i64,
        /// The earliest instant at which one of them may run.
        pub first_run_at: Instant,
    }
}

/// A job that this worker holds.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: Id,
    /// The organisation it works for.
    pub org: Id,
    /// What to do.
    pub name: String,
    /// JSON.
    pub payload: String,
    /// How often it has failed before.
    pub failures: i64,
    /// The fencing number of this lease.
    pub(crate) attempts: i64,
    /// Who holds it.
    pub(crate) leased_by: String,
}

impl Job {
    /// The payload as a type.
    ///
    /// # Errors
    /// [`StoreError::Decode`] when it is something else.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.payload).map_err(|error| StoreError::Decode {
            statement: "job_payload",
            message: format!("job {} ({}): {error}", self.id, self.name),
        })
    }

    /// The name to write as actor of facts and audit rows.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("job:{}", self.name)
    }
}

/// What a handler is given.
#[derive(Debug, Clone)]
pub struct JobContext {
    /// The job in hand.
    pub job: Job,
    pub(crate) db: Db,
}

/// Why a handler gave up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    /// For the jobs page.
    pub message: String,
    /// Whether another attempt may help.
    pub retry: bool,
}

impl<E: Fault> From<E> for JobError {
    /// What cannot get better by waiting is not tried again.
    fn from(error: E) -> Self {
        let retry = match error.kind() {
            FaultKind::Invalid | FaultKind::NotFound | FaultKind::Denied => false,
            FaultKind::Conflict
            | FaultKind::Limit
            | FaultKind::Unavailable
            | FaultKind::Corrupt
            | FaultKind::Bug => true,
        };
        Self { message: format!("{error} [{}]", error.code()), retry }
    }
}
