//! Stories of the registry, told on SQLite and on PostgreSQL.

extern crate lamplight_registry as registry;

mod finding;
mod loading;
mod statements;
mod world;
