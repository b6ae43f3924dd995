//! The platform on both engines: one binary for all its integration tests.

mod backup;
mod bulk;
mod facts_and_jobs;
mod killed;
mod statements;
mod transactions;
