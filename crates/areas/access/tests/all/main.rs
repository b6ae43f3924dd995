//! Access on both engines: one binary for all its integration tests.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers outside the test functions")]

mod house;
mod keys;
mod organisations;
mod privacy;
mod sign_in;
mod statements;
