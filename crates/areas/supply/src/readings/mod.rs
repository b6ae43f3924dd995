//! Readings as people deal with them: imports with their quarantine, findings that wait for a
//! decision, and reading success per 台区.
//!
//! Tables: `reading_import`, `reading_import_error`, `reading_exception`, `collection_day`,
//! `reading_late`, `reading_exchange`. The readings themselves are in the lake. Invariants: a file
//! is imported once; what a chunk wrote counts with the row that says how far the import is; a
//! decision never changes a reading, it adds one that outranks it, so the original stays; a
//! usage point with readings for settled days stays noted until it is settled again.

mod error;
mod jobs;
mod model;
mod ops;
mod queries;
mod rules;
mod store;

pub use error::ReadingError;
pub(crate) use jobs::write_days;
pub use jobs::{check_file, decide, deliver_exchanges, import_file, reopen, settle_late};
pub use model::{
    BadRows, Decide, Decision, FileCheck, Form, ImportFile, ImportSummary, RowProblem,
};
pub(crate) use ops::note_late;
pub use ops::{head_of, lines_of};
pub use queries::{
    FindingContext, RulePrecision, Worklist, ZeroTouch, finding, history, import_list, intervals,
    precision, quarantine, worklist, zero_touch,
};
pub use rules::ShownRegisters;
pub(crate) use rules::{DayRows, single};
pub use rules::{
    ExportPoint, days_csv, green_button, intervals_csv, nem12, readings_csv, safe_cell,
};
pub use store::{
    CollectionRow, CoverageRow, CoveredRow, ExceptionRow, ImportErrorRow, ImportRow, MissingRow,
    STATEMENTS, UnreadRow, clear_collection, clear_exception, collection_by_day, collection_on,
    coverage, coverage_by_area, covered_points, decided_by_rule, exception_by_id,
    exceptions_of_usage_point, import_by_id, import_errors, import_errors_by_code, imports,
    missing_of_area, open_by_rule, open_exceptions, unread_dedicated, unread_on,
};
