//! Jobs: work that outlives a request, kept in one table beside the business rows, so that a job
//! exists exactly when the transaction that asked for it counts.
//!
//! Invariants
//! - A job is run by one worker at a time. A worker holds it by a lease that it renews; when the
//!   worker dies, the lease runs out and another takes over.
//! - `attempts` rises with every lease. A worker whose lease was taken over cannot write any more:
//!   [`Job::still_mine`] and the completion check the number inside the transaction.
//! - Jobs are idempotent: one that died half-way is run again.
//! - Of jobs with one name and `dedup` key at most one waits and at most one runs.
//!
//! Owns the tables `job` and `timer`.

mod lease;
mod model;
mod retry;
mod store;
mod worker;

pub use model::{Enqueued, Job, JobContext, JobError, JobRow, JobState, JobSummary, NewJob};
pub use retry::{ATTEMPTS_MAX, backoff_s};
pub use store::{STATEMENTS, forget_ended, job_by_id, job_summary, jobs, jobs_in_state};
pub use worker::{Worker, WorkerReport};
