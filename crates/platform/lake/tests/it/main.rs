//! The lake from outside: stories of readings, order of deliveries, damaged files, stores.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests and their helpers")]

mod any_order;
mod beside;
mod import;
mod interval_size;
mod jobs;
mod s3;
mod settle;
mod world;
