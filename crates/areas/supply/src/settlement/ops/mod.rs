//! What counts: a settled day, days settled again, the record of a run.

mod day;
mod due;
mod findings;
mod resettle;
mod runs;
mod terms;

pub use day::{DayInputs, DayResult, commit, inputs};
pub(crate) use day::{weather, working_calendar};
pub(crate) use due::mark_terms;
pub use resettle::{Corrected, CorrectionInputs, commit_correction, correction_inputs};
pub use runs::{begin_run, end_run, progress};
pub use terms::rewrite_terms;
