//! The stories of supply from files to bills, on both databases.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests say what must hold")]

extern crate lamplight_supply as supply;

mod backups;
mod bad_files;
mod decisions;
mod exchanges;
mod resuming;
mod terms;
mod world;
