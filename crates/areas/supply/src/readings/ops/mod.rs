//! What people and jobs do with readings.

mod decide;
mod exchange;
mod file;
mod import;

pub use decide::{decide, reopen};
pub use exchange::{commit_exchange, exchange_reads};
pub use file::{Value, decode_file, fingerprint, head_of, lines_of};
pub use import::{
    Begun, Progress, begin_import, commit_rows, finish_import, load_index, note_late,
    record_problems, refuse_import,
};
