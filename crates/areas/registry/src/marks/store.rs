//! Statements over marks.

use kernel::{Date, Id, Instant};

use crate::SubjectKind;

store::record! {
    /// What others must know about a person, an account or a usage point.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Mark {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// What it is on.
        pub subject_kind: SubjectKind,
        /// Which one.
        pub subject: Id,
        /// Such as `life_support`, `important_1`, `low_income`.
        pub kind: String,
        /// What proves it.
        pub evidence: String,
        /// The first day.
        pub marked_from: Date,
        /// The first day after it; none while it holds.
        pub marked_to: Option<Date>,
        /// Who said so.
        pub source: String,
        /// When it was entered.
        pub recorded_at: Instant,
        /// Rises with every change.
        pub version: i64,
    }
}

store::statements! {
    /// One mark.
    optional mark_by_id(org: Id, id: Id) -> Mark =
        "SELECT id, org, subject_kind, subject, kind, evidence, marked_from, marked_to, source,
                recorded_at, version
         FROM mark WHERE org = $1 AND id = $2";
    /// The marks on one thing, those that ended included.
    all marks_on(subject_kind: SubjectKind, subject: Id) -> Mark =
        "SELECT id, org, subject_kind, subject, kind, evidence, marked_from, marked_to, source,
                recorded_at, version
         FROM mark WHERE subject_kind = $1 AND subject = $2 ORDER BY marked_from, id";
    /// The marks of one kind that hold on a day: what settlement and notices ask for.
    each marks_of_kind(org: Id, kind: &str, on: Date) -> Mark =
        "SELECT id, org, subject_kind, subject, kind, evidence, marked_from, marked_to, source,
                recorded_at, version
         FROM mark WHERE org = $1 AND kind = $2 AND marked_from <= $3
         AND (marked_to IS NULL OR marked_to > $3) ORDER BY subject_kind, subject, id";
    /// Whether a thing has such a mark without end, or one that holds on the day or later.
    one marks_from(subject_kind: SubjectKind, subject: Id, kind: &str, on: Date) -> i64 =
        "SELECT COUNT(*) FROM mark WHERE subject_kind = $1 AND subject = $2 AND kind = $3
         AND (marked_to IS NULL OR marked_to > $4)";
    /// Ends a mark.
    run end_mark(id: Id, version: i64, on: Date) =
        "UPDATE mark SET marked_to = $3, version = version + 1
         WHERE id = $1 AND version = $2 AND marked_to IS NULL AND marked_from < $3";
}
