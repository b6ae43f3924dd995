//! What people and jobs do with bills.

mod again;
mod close;
mod correct;
mod dispute;
mod facts;
mod issue;
mod last;
mod row;

pub use again::{Recomputed, Stand, recompute, recompute_adjusted, recompute_all};
pub use close::{ChunkResult, CloseChunk, begin_close, chunk_inputs, commit_chunk, finish_close};
pub(crate) use correct::withdraw_unissued;
pub use correct::{Correction, correct, decide_review};
pub use dispute::{Outcome, Rechecked, answer_dispute, open_dispute};
pub use issue::issue_ready;
pub use last::final_inputs;
