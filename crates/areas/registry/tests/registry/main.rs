//! Stories of the registry, told on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a story that cannot go on has failed"
)]

extern crate lamplight_registry as registry;

mod finding;
mod importing;
mod loading;
mod people;
mod premises;
mod statements;
mod world;
