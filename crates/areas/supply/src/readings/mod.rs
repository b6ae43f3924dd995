//! Readings as people deal with them: imports with their quarantine, findings that wait for a
//! decision, and reading success per 台区.
//!
//! Tables: `reading_import`, `reading_import_error`, `reading_exception`, `collection_day`. The
//! readings themselves are in the lake. Invariants: a file is imported once; a decision never
//! changes a reading, it adds one that outranks it, so the original stays.

mod store;

pub use store::{
    CollectionRow, ExceptionRow, ImportErrorRow, ImportRow, STATEMENTS, clear_collection,
    clear_exception, collection_by_day,
    collection_on, decided_by_rule, exception_by_id, exceptions_of_usage_point, import_by_id,
    import_errors, imports, open_by_rule, open_exceptions,
};
