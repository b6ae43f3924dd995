//! Duty, the shared heart: *promises* (what a fact obliges the company to do for someone by a time)
//! and *notices* (what was told, to whom, with what proof). Cases, outages, requests, prepaid control
//! and field work use these two and invent no clocks, escalations or mailers of their own.
//!
//! No HTTP, no sockets: a channel is a trait here and its sender lives in the app. It imports no
//! area that stands beside or above it: callers say what a promise or a notice is about.

pub mod notices;
pub mod promises;
mod vocabulary;
mod works;

pub use works::{NoticeRules, Works, WorksError};

/// The area's tables, applied after those of `registry`.
pub const MIGRATIONS: &[store::Migration] =
    store::migrations!("duty": "0001_promises", "0002_notices", "0003_notices_in_bulk");

/// Every typed statement of the area, for the test that prepares them all.
pub const STATEMENTS: &[&[store::Statement]] = &[notices::STATEMENTS, promises::STATEMENTS];

#[cfg(test)]
mod tests {
    use store::testing::{TestDb, check_statements};

    #[test]
    fn every_statement_fits_both_engines() {
        let migrations = [access::MIGRATIONS, registry::MIGRATIONS, super::MIGRATIONS].concat();
        TestDb::each(&migrations, async |test| {
            check_statements(&test.db, super::STATEMENTS).await;
        });
    }
}
