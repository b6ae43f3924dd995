//! What people and jobs do with bills.

mod close;
mod correct;
mod issue;
mod row;

pub use close::{ChunkResult, CloseChunk, begin_close, chunk_inputs, commit_chunk, finish_close};
pub use correct::{Correction, Recomputed, correct, decide_review, recompute};
pub use issue::issue_ready;
