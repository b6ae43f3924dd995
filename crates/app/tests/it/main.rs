//! The program as its users run it: the real binary, real databases, real files.

#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

mod bad_input;
mod bureau;
mod channels;
mod demo;
mod engine_files;
mod engines;
mod grid;
mod kill;
mod processes;
mod promises;
mod reliability;
mod standard_files;
