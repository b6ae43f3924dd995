//! The program as its users run it: the real binary, real databases, real files.

#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

mod demo;
mod engines;
mod kill;
mod processes;
