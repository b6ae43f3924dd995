//! Settlement: every usage point, every day, once.
//!
//! Tables: `settled_day`, `settlement_run`, `resettlement`, `terms_due`. The arithmetic is the lake's pure
//! function; here are the terms it is given, the commit of what it made, and the record of what
//! late readings changed. Invariants: days are settled in order; a day's files count only with
//! its row; settling a day again with the same inputs changes nothing.

mod error;
mod jobs;
mod ops;
mod queries;
mod store;

pub use error::SettlementError;
pub use jobs::{Report, settle_again, settle_through};
pub(crate) use ops::rewrite_terms;
pub use ops::{
    Corrected, CorrectionInputs, DayInputs, DayResult, begin_run, commit, commit_correction,
    correction_inputs, end_run, inputs, progress,
};
pub(crate) use ops::{mark_terms, weather, working_calendar};
pub(crate) use queries::{files_between, further, reach};
pub use queries::{share_of_ladder, share_until, whole_terms};
pub use store::{
    ResettlementRow, RunRow, STATEMENTS, SettledDayRow, TermsRow, last_settled, resettlements_of,
    resettlements_of_run, run_by_id, runs, settled_day, settled_days, settling_organisations,
};
