//! The SQL of imports, findings and reading success.

use kernel::{Date, Id, Instant};

store::record! {
    /// An import of a file as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ImportRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The file as the sender named it.
        pub file_name: String,
        /// Its SHA-256: the same file is imported once.
        pub file_sha256: String,
        /// The codec that read it.
        pub format: String,
        /// `keep_good` or `refuse_whole`.
        pub policy: String,
        /// `running`, `done` or `refused`.
        pub state: String,
        /// Rows read.
        pub row_count: i64,
        /// Rows taken.
        pub good_count: i64,
        /// Rows in quarantine.
        pub bad_count: i64,
        /// First business day in it.
        pub first_on: Option<Date>,
        /// Last business day in it.
        pub last_on: Option<Date>,
        /// When it began.
        pub started_at: Instant,
        /// When it ended.
        pub finished_at: Option<Instant>,
        /// By whom.
        pub started_by: Id,
        /// Why the whole was refused.
        pub refusal: Option<String>,
    }

    /// A row in quarantine.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ImportErrorRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The import.
        pub import: Id,
        /// Line in the file, from 1.
        pub line: i64,
        /// The column, or empty for the whole row.
        pub field: String,
        /// Stable code of the reason.
        pub code: String,
        /// The reason in words.
        pub reason: String,
        /// The start of the row's text.
        pub content: String,
    }

    /// A finding about one usage point's day.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ExceptionRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The usage point.
        pub usage_point: Id,
        /// Its account then.
        pub account: Id,
        /// Its meter then.
        pub meter: Id,
        /// The business day.
        pub day: Date,
        /// The rule that found it.
        pub rule: String,
        /// `note`, `warn` or `stop`.
        pub severity: String,
        /// JSON: the numbers it was found by.
        pub finding: String,
        /// `open`, `decided` or `cleared` (a later reading made it untrue).
        pub state: String,
        /// `accept`, `estimate`, `replace` or `field_check`.
        pub decision: Option<String>,
        /// The person's reason.
        pub reason: Option<String>,
        /// Who decided.
        pub decided_by: Option<Id>,
        /// When.
        pub decided_at: Option<Instant>,
        /// When it was found.
        pub created_at: Instant,
        /// Rises with every change.
        pub version: i64,
    }

    /// Reading success of one 台区 on one day.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CollectionRow {
        /// The organisation.
        pub org: Id,
        /// The business day.
        pub day: Date,
        /// The 台区.
        pub transformer_area: Id,
        /// Usage points that should have been read.
        pub expected_count: i64,
        /// Usage points that were.
        pub received_count: i64,
        /// Of the expected, dedicated-transformer customers (专变).
        pub dedicated_expected_count: i64,
        /// Of the received, dedicated-transformer customers.
        pub dedicated_received_count: i64,
    }
}

macro_rules! exception {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, usage_point, account, meter, day, rule, severity, finding, state, decision,
                    reason, decided_by, decided_at, created_at, version
               FROM reading_exception ",
            $rest
        )
    };
}

macro_rules! import {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, file_name, file_sha256, format, policy, state, row_count, good_count, bad_count,
                    first_on, last_on, started_at, finished_at, started_by, refusal
               FROM reading_import ",
            $rest
        )
    };
}

store::statements! {
    /// One import.
    optional import_by_id(org: Id, id: Id) -> ImportRow = import!("WHERE org = $1 AND id = $2");
    /// The import of the file with this hash.
    optional import_of_file(org: Id, file_sha256: &str) -> ImportRow =
        import!("WHERE org = $1 AND file_sha256 = $2");
    /// Imports, newest first.
    all imports(org: Id, before: Id, count: i64) -> ImportRow =
        import!("WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    /// Ends an import.
    run finish_import(
        org: Id, id: Id, state: &str, rows: i64, good: i64, bad: i64, first_on: Option<Date>,
        last_on: Option<Date>, finished_at: Instant, refusal: Option<&str>,
    ) =
        "UPDATE reading_import
            SET state = $3, row_count = $4, good_count = $5, bad_count = $6, first_on = $7, last_on = $8,
                finished_at = $9, refusal = $10
          WHERE org = $1 AND id = $2 AND state = 'running'";
    /// The quarantine of an import, by line.
    all import_errors(org: Id, import: Id, after: Id, count: i64) -> ImportErrorRow =
        "SELECT id, org, import, line, field, code, reason, content FROM reading_import_error
          WHERE org = $1 AND import = $2 AND id > $3 ORDER BY id LIMIT $4";
    /// One finding.
    optional exception_by_id(org: Id, id: Id) -> ExceptionRow = exception!("WHERE org = $1 AND id = $2");
    /// A page of open findings of a severity (empty: all), oldest day first.
    all open_exceptions(org: Id, severity: &str, rule: &str, after_day: &str, after: Id, count: i64) -> ExceptionRow =
        exception!("WHERE org = $1 AND state = 'open' AND ($2 = '' OR severity = $2) AND ($3 = '' OR rule = $3)
                      AND (day > $4 OR (day = $4 AND id > $5))
                    ORDER BY day, id LIMIT $6");
    /// The findings of a usage point from a day on, newest first.
    all exceptions_of_usage_point(org: Id, usage_point: Id, from: Date, count: i64) -> ExceptionRow =
        exception!("WHERE org = $1 AND usage_point = $2 AND day >= $3 ORDER BY day DESC, id LIMIT $4");
    /// Open findings by rule and severity.
    all open_by_rule(org: Id) -> (String, String, i64) =
        "SELECT rule, severity, COUNT(*) FROM reading_exception
          WHERE org = $1 AND state = 'open' GROUP BY rule, severity ORDER BY rule, severity";
    /// How often a rule was right (S-060): decided findings by rule and decision.
    all decided_by_rule(org: Id) -> (String, String, i64) =
        "SELECT rule, decision, COUNT(*) FROM reading_exception
          WHERE org = $1 AND state = 'decided' GROUP BY rule, decision ORDER BY rule, decision";
    /// Writes a person's decision, if nobody decided meanwhile.
    run set_decision(org: Id, id: Id, version: i64, decision: &str, reason: &str, by: Id, at: Instant) =
        "UPDATE reading_exception
            SET state = 'decided', decision = $4, reason = $5, decided_by = $6, decided_at = $7,
                version = version + 1
          WHERE org = $1 AND id = $2 AND version = $3 AND state = 'open'";
    /// Takes a decision back.
    run reopen(org: Id, id: Id, version: i64) =
        "UPDATE reading_exception
            SET state = 'open', decision = NULL, reason = NULL, decided_by = NULL, decided_at = NULL,
                version = version + 1
          WHERE org = $1 AND id = $2 AND version = $3 AND state = 'decided'";
    /// Clears an open finding that a later reading made untrue.
    run clear_exception(org: Id, usage_point: Id, day: Date, rule: &str) =
        "UPDATE reading_exception SET state = 'cleared', version = version + 1
          WHERE org = $1 AND usage_point = $2 AND day = $3 AND rule = $4 AND state = 'open'";
    /// Forgets the reading success of a day, before it is written again.
    run clear_collection(org: Id, day: Date) =
        "DELETE FROM collection_day WHERE org = $1 AND day = $2";
    /// Reading success by 台区 on a day, worst first.
    all collection_on(org: Id, day: Date, count: i64) -> CollectionRow =
        "SELECT org, day, transformer_area, expected_count, received_count, dedicated_expected_count,
                dedicated_received_count
           FROM collection_day WHERE org = $1 AND day = $2
          ORDER BY expected_count - received_count DESC, transformer_area LIMIT $3";
    /// Reading success of the organisation by day: expected, received, 专变 expected, 专变 received.
    all collection_by_day(org: Id, from: Date, to: Date) -> (Date, i64, i64, i64, i64) =
        "SELECT day, CAST(SUM(expected_count) AS BIGINT), CAST(SUM(received_count) AS BIGINT),
                CAST(SUM(dedicated_expected_count) AS BIGINT), CAST(SUM(dedicated_received_count) AS BIGINT)
           FROM collection_day WHERE org = $1 AND day >= $2 AND day < $3 GROUP BY day ORDER BY day";
}
