//! Bills: month close, review, issue, correction (退补).
//!
//! Tables: `bill_run`, `bill`, `bill_line`, `bill_correction`. Invariants: a usage point has one
//! first bill per period however often the close runs; lines add up to the total; daily charges
//! and month-only lines add up to the total; an issued bill never changes, a correction replaces
//! it and the ledger carries the difference; a bill can be recomputed from the lake's daily state
//! and the facts stored with it.

mod error;
mod jobs;
mod ops;
pub mod rules;
mod store;

pub use error::BillingError;
pub use jobs::{close_month, issue_month};
pub use ops::{
    ChunkResult, CloseChunk, Correction, Recomputed, begin_close, chunk_inputs, commit_chunk,
    correct, decide_review, finish_close, issue_ready, recompute,
};
pub use store::{
    BillLineRow, BillRow, BillRunRow, CorrectionRow, STATEMENTS, bill_by_id, bill_by_no, bill_run,
    bill_run_of, bill_runs, bills_before, bills_in_period, bills_in_state, bills_of_account,
    bills_of_period, corrections, corrections_of, lines_of_bill, review_queue, totals_by_state,
};
