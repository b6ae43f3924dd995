//! The stories of supply from files to bills, on both databases.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests say what must hold")]

extern crate lamplight_supply as supply;

mod backups;
mod bad_files;
mod bills;
mod collection;
mod decisions;
mod doubts;
mod exchanges;
mod intake;
mod long_days;
mod long_gaps;
mod moves;
mod orders;
mod resuming;
mod terms;
mod trail;
mod upkeep;
mod world;
