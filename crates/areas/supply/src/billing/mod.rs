//! Bills: month close, review, issue, correction (退补), dispute (电费争议).
//!
//! Tables: `bill_run`, `bill`, `bill_line`, `bill_skipped`, `bill_correction`, `bill_dispute`.
//! Invariants: a usage point has one
//! first bill per period however often the close runs; lines add up to the total; daily charges
//! and month-only lines add up to the total; an issued bill never changes, a correction replaces
//! it and the ledger carries the difference; a bill can be recomputed from the lake's daily state
//! and the facts stored with it.

mod error;
mod jobs;
mod model;
mod ops;
pub mod rules;
mod store;

pub use error::BillingError;
pub use jobs::{
    close_month, dispute, doubted_meter, final_bill, issue_month, recheck, refund_meter_error,
};
pub use model::RatedBy;
pub(crate) use ops::withdraw_unissued;
pub use ops::{
    ChunkResult, CloseChunk, Correction, Outcome, Rechecked, Recomputed, Stand, answer_dispute,
    begin_close, chunk_inputs, commit_chunk, correct, decide_review, final_inputs, finish_close,
    issue_ready, open_dispute, recompute, recompute_adjusted, recompute_all,
};
pub use store::{
    BillLineRow, BillRow, BillRunRow, CorrectionRow, DisputeRow, STATEMENTS, SkippedRow,
    bill_by_id, bill_by_no, bill_run, bill_run_of, bill_runs, bills_before, bills_in_period,
    bills_in_state, bills_of_account, bills_of_period, corrections, corrections_of_period,
    dispute_by_id, disputes_of_period, lines_of_bill, open_dispute_count, open_disputes,
    review_queue, skipped_of_period, totals_by_state,
};
