//! Drills: the program made to suffer on purpose, to show that nothing is lost.
//!
//! - `child`: processes that are let through, or killed at a moment.
//! - `demo`: the demo county is made, settled and billed, and killed on the way.
//! - `bureau`: the files of a small bureau, drawn by arithmetic.
//! - `files`: these files are imported, settled, billed, saved and restored by the public
//!   commands, each of which is killed on the way.

mod bureau;
mod child;
mod demo;
mod files;

pub use child::KillReport;
pub use demo::DemoDrill;
pub use files::FilesDrill;
