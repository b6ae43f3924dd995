//! The SQL of files that people hand in.

use kernel::{Id, Instant};

store::record! {
    /// A file as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FileRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// What it holds: the word of a [`super::Kind`].
        pub kind: String,
        /// Its name.
        pub file_name: String,
        /// The layout of readings, or empty.
        pub format: String,
        /// `keep_good` or `refuse_whole`.
        pub policy: String,
        /// Its size.
        pub byte_count: i64,
        /// `checking`, `checked`, `importing`, `done`, `refused` or `discarded`.
        pub state: String,
        /// Rows looked at.
        pub row_count: i64,
        /// Rows that are, or would be, new.
        pub new_count: i64,
        /// Rows that are known already.
        pub known_count: i64,
        /// Rows with something wrong.
        pub bad_count: i64,
        /// The import of readings that it became.
        pub import: Option<Id>,
        /// Why the whole was refused.
        pub refusal: Option<String>,
        /// Who handed it in.
        pub handed_in_by: Id,
        /// When.
        pub handed_in_at: Instant,
        /// When it came to its end.
        pub finished_at: Option<Instant>,
    }

    /// What is wrong with a row.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FaultRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The file.
        pub file: Id,
        /// The line, from 1; 0 for the file as a whole.
        pub line: i64,
        /// The column, or empty.
        pub field: String,
        /// What is wrong, and what to do.
        pub reason: String,
        /// The start of the line.
        pub content: String,
    }
}

store::statements! {
    /// One file.
    optional file_by_id(org: Id, id: Id) -> FileRow =
        "SELECT id, org, kind, file_name, format, policy, byte_count, state, row_count, new_count,
                known_count, bad_count, import, refusal, handed_in_by, handed_in_at, finished_at
           FROM intake_file WHERE org = $1 AND id = $2";
    /// Files before one, newest first.
    all files_before(org: Id, before: Id, count: i64) -> FileRow =
        "SELECT id, org, kind, file_name, format, policy, byte_count, state, row_count, new_count,
                known_count, bad_count, import, refusal, handed_in_by, handed_in_at, finished_at
           FROM intake_file WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// Moves a file from one state to another.
    run move_file(org: Id, id: Id, from: &str, to: &str, finished_at: Option<Instant>) =
        "UPDATE intake_file SET state = $4, finished_at = $5
          WHERE org = $1 AND id = $2 AND state = $3";
    /// Writes down what came of a file.
    run count_file(org: Id, id: Id, rows: i64, new: i64, known: i64, bad: i64,
                   import: Option<Id>, refusal: Option<&str>) =
        "UPDATE intake_file SET row_count = $3, new_count = $4, known_count = $5, bad_count = $6,
                import = $7, refusal = $8
          WHERE org = $1 AND id = $2";
    /// Forgets what was found wrong, before it is looked for again.
    run forget_faults(org: Id, file: Id) =
        "DELETE FROM intake_fault WHERE org = $1 AND file = $2";
    /// What is wrong, in the order of lines.
    all faults_after(org: Id, file: Id, after: Id, count: i64) -> FaultRow =
        "SELECT id, org, file, line, field, reason, content FROM intake_fault
          WHERE org = $1 AND file = $2 AND id > $3 ORDER BY id LIMIT $4";
}
