//! Stories of the registry, told on SQLite and on PostgreSQL.

extern crate lamplight_registry as registry;

mod finding;
mod importing;
mod loading;
mod people;
mod premises;
mod statements;
mod world;
