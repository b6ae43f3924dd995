//! SQLite and PostgreSQL behind one set of typed statements; facts, jobs, audit.
//!
//! A [`Db`] is opened from an address; [`Db::begin`] gives a [`Tx`] that writes and [`Db::read`]
//! one that reads a snapshot. Statements are declared with [`statements!`], rows with
//! [`record!`], an area's tables with [`migrations!`]. The platform's own tables live here too:
//! facts, jobs, audit, idempotency keys, the files of the lake that count. No statement of any
//! area, no HTTP, no rule of the trade.

mod audit;
mod backup;
mod bulk;
mod db;
mod error;
mod fact;
mod idempotency;
mod jobs;
mod lake_file;
mod migrate;
mod node;
mod page;
mod record;
mod statement;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;

pub use audit::{AuditEntry, AuditRow, Verdict, audit_between, audit_of_actor, audit_of_object};
pub use backup::{BackupManifest, TableCopy};
pub use bulk::OnConflict;
pub use db::{AMOUNT_MAX, Db, Durability, Engine, Options, Subscription};
pub use error::{OnConstraint, StoreError};
pub use fact::{Fact, FactRow, fact_by_id, facts_about, facts_of_kind};
pub use idempotency::{IdempotencyKey, Repeat, forget_old_keys};
pub use jobs::{
    ATTEMPTS_MAX, Enqueued, Job, JobContext, JobError, JobRow, JobState, JobSummary, NewJob,
    Worker, WorkerReport, backoff_s, forget_ended, job_by_id, job_summary, jobs, jobs_in_state,
};
pub use lake_file::{
    LakeFile, NewLakeFile, forget_lake_file, is_lake_path_known, lake_files_between, lake_files_of,
    lake_files_on, latest_lake_file, superseded_lake_files,
};
pub use migrate::Migration;
pub use page::{PAGE_MAX, Page, Paged};
pub use record::{AnyRow, ColumnSpec, Insert, Record};
pub use statement::Statement;
pub use tx::Tx;
pub use value::{Column, Kind, Param, Stored, Value};

/// The platform's own tables; [`Db::open`] applies them.
pub const MIGRATIONS: &[Migration] = migrations!("store": "0001_platform", "0002_lake_upkeep");

/// Every statement of the platform, for the test that prepares them all.
pub const STATEMENTS: &[&[Statement]] = &[
    audit::STATEMENTS,
    fact::STATEMENTS,
    idempotency::STATEMENTS,
    jobs::STATEMENTS,
    lake_file::STATEMENTS,
];

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
