//! Files that people hand in: lists of customers, meters and agreements, and readings. A file is
//! looked through first, without changing anything, and taken in when the person has seen what
//! would come of it. The command line takes lists in by the same [`load_list`].
//!
//! Tables: `intake_file`, `intake_fault`. Invariants: what a file holds counts only from
//! `importing` on; whatever was stopped half-way is done again from the file, which stays until
//! then, and rows that are known already change nothing.

mod error;
mod jobs;
mod model;
mod ops;
mod queries;
mod rules;
mod store;

pub use error::IntakeError;
pub use jobs::{forget_bytes, import_file, load_list, look_through};
pub use model::{Handed, Kind, ListReport, Mode, key_of};
pub use ops::{approve, discard, hand_in};
pub use queries::{faults, newest};
pub use store::{FaultRow, FileRow, STATEMENTS, file_by_id};
