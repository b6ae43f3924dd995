//! The SQL of imports, findings and reading success.

use kernel::{Date, Id, Instant};

use super::rules::{IndexRow, NamedPoint};

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

    /// An installation whose registers at its ends are not all in the lake.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ExchangeRow {
        /// The installation.
        pub id: Id,
        /// The usage point.
        pub usage_point: Id,
        /// The meter.
        pub meter: Id,
        /// First day.
        pub installed_on: Date,
        /// The day of removal.
        pub removed_on: Option<Date>,
        /// JSON of the registers at the start.
        pub opening_registers: String,
        /// JSON of the registers at the end.
        pub closing_registers: Option<String>,
        /// Decimals of both.
        pub register_scale: i64,
        /// Whether the opening registers are still to be delivered.
        pub opening_open: bool,
        /// Whether another meter was hung there on the day of removal.
        pub is_exchange: bool,
    }

    /// A usage point with readings for days that were settled before.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LateRow {
        /// The organisation.
        pub org: Id,
        /// What was written together.
        pub batch: Id,
        /// The usage point.
        pub usage_point: Id,
        /// The first such day.
        pub first_on: Date,
    }

    /// An end of an installation that stands in the lake.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DeliveredRow {
        /// The organisation.
        pub org: Id,
        /// The installation.
        pub installation: Id,
        /// Its end, not its start.
        pub closing: bool,
    }

    /// A usage point that was not read on a day.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MissingRow {
        /// The usage point.
        pub usage_point: Id,
        /// Its code.
        pub code: String,
        /// Its 户号.
        pub account_no: String,
        /// The finding.
        pub exception: Id,
        /// What is decided about it.
        pub decision: Option<String>,
        /// Whether a reading came after that night: the list stays that of the night.
        pub has_come: bool,
    }

    /// A usage point that was not read on a day, as the exported list shows it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UnreadRow {
        /// The usage point.
        pub usage_point: Id,
        /// Its code.
        pub code: String,
        /// Its 户号.
        pub account_no: String,
        /// Code of its 台区; empty: none.
        pub area_code: String,
        /// Name of its 台区; empty: none.
        pub area_name: String,
        /// Asset number of its meter then.
        pub asset_no: String,
        /// The concentrator of that meter; empty: none.
        pub concentrator: String,
        /// Has a transformer of its own (专变).
        pub dedicated: bool,
        /// The finding.
        pub exception: Id,
        /// Whether a reading came after that night.
        pub has_come: bool,
        /// Total of its last issued bill, units of money; 0: none.
        pub last_bill_units: i64,
    }

    /// Automatic reading of one 台区: usage points in service, and those whose meter hangs on a
    /// concentrator or terminal.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CoverageRow {
        /// The 台区; 0: none.
        pub transformer_area: Id,
        /// Its code; empty: none.
        pub code: String,
        /// Its name; empty: none.
        pub name: String,
        /// Low-voltage usage points in service.
        pub low_voltage: i64,
        /// Of these, read automatically.
        pub low_voltage_automatic: i64,
        /// 专变 usage points in service.
        pub dedicated: i64,
        /// Of these, read automatically.
        pub dedicated_automatic: i64,
    }

    /// A usage point in the lists behind the coverage.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CoveredRow {
        /// The usage point.
        pub usage_point: Id,
        /// Its code.
        pub code: String,
        /// Its 户号.
        pub account_no: String,
        /// Code of its 台区; empty: none.
        pub area_code: String,
        /// Has a transformer of its own (专变).
        pub dedicated: bool,
        /// Asset number of its meter; empty: none hangs there.
        pub asset_no: String,
        /// The concentrator of that meter; empty: none.
        pub concentrator: String,
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

macro_rules! unread {
    ($rest:literal) => {
        concat!(
            "SELECT u.id AS usage_point, u.code, a.account_no, COALESCE(t.code, '') AS area_code,
                    COALESCE(t.name, '') AS area_name, COALESCE(m.asset_no, '') AS asset_no,
                    COALESCE(m.concentrator, '') AS concentrator, u.dedicated_transformer AS dedicated,
                    e.id AS exception, e.state = 'cleared' AS has_come,
                    COALESCE((SELECT b.total_units FROM bill b
                               WHERE b.org = e.org AND b.usage_point = e.usage_point AND b.state = 'issued'
                               ORDER BY b.period_from DESC LIMIT 1), 0) AS last_bill_units
               FROM reading_exception e
               JOIN usage_point u ON u.id = e.usage_point
               JOIN account a ON a.id = u.account
               LEFT JOIN transformer_area t ON t.id = u.transformer_area
               LEFT JOIN meter m ON m.org = e.org AND m.id = e.meter
              WHERE e.org = $1 AND e.day = $2 AND e.rule = 'vee.gap' ",
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
    /// Moves an import on, if it stands where the caller left it.
    run advance_import(
        org: Id, id: Id, rows_before: i64, rows_after: i64, good: i64, bad: i64,
        first_on: Option<Date>, last_on: Option<Date>,
    ) =
        "UPDATE reading_import
            SET row_count = $4, good_count = good_count + $5, bad_count = bad_count + $6,
                first_on = CASE WHEN first_on IS NULL OR $7 < first_on THEN COALESCE($7, first_on) ELSE first_on END,
                last_on = CASE WHEN last_on IS NULL OR $8 > last_on THEN COALESCE($8, last_on) ELSE last_on END
          WHERE org = $1 AND id = $2 AND state = 'running' AND row_count = $3";
    /// Ends an import.
    run end_import(
        org: Id, id: Id, state: &str, more_bad: i64, finished_at: Instant, refusal: Option<&str>,
    ) =
        "UPDATE reading_import
            SET state = $3, bad_count = bad_count + $4, finished_at = $5, refusal = $6
          WHERE org = $1 AND id = $2 AND state = 'running'";
    /// A refused import begins again.
    run restart_import(org: Id, id: Id, file_name: &str, format: &str, policy: &str, by: Id, at: Instant) =
        "UPDATE reading_import
            SET state = 'running', row_count = 0, good_count = 0, bad_count = 0, first_on = NULL, last_on = NULL,
                file_name = $3, format = $4, policy = $5, started_by = $6, started_at = $7, finished_at = NULL,
                refusal = NULL
          WHERE org = $1 AND id = $2";
    /// Empties the quarantine of an import that begins again.
    run forget_import_errors(org: Id, import: Id) =
        "DELETE FROM reading_import_error WHERE org = $1 AND import = $2";
    /// Bad rows of an import by code, most first.
    all import_errors_by_code(org: Id, import: Id) -> (String, i64) =
        "SELECT code, COUNT(*) FROM reading_import_error
          WHERE org = $1 AND import = $2 GROUP BY code ORDER BY COUNT(*) DESC, code";
    /// Every usage point with the names it is known by.
    each named_points(org: Id) -> NamedPoint =
        "SELECT u.id AS usage_point, u.code, a.account_no
           FROM usage_point u JOIN account a ON a.id = u.account WHERE u.org = $1 ORDER BY u.id";
    /// Every place where a meter hung, by usage point and time.
    each meter_places(org: Id) -> IndexRow =
        "SELECT i.usage_point, i.meter, m.asset_no, i.installed_on, i.removed_on, m.digits, m.register_scale
           FROM meter_installation i JOIN meter m ON m.id = i.meter
          WHERE i.org = $1 ORDER BY i.usage_point, i.installed_on, i.id";
    /// Whether a settlement is going on.
    one is_settling(org: Id) -> bool =
        "SELECT EXISTS (SELECT 1 FROM settlement_run WHERE org = $1 AND state = 'running')";
    /// Usage points with readings that came after their day, with the first such day, of days up
    /// to one.
    all late_points(org: Id, through: Date) -> (Id, Date) =
        "SELECT usage_point, MIN(first_on) FROM reading_late
          WHERE org = $1 AND first_on <= $2 GROUP BY usage_point";
    /// The batches that [`late_points`] has seen.
    all late_batches(org: Id, through: Date) -> Id =
        "SELECT DISTINCT batch FROM reading_late WHERE org = $1 AND first_on <= $2 ORDER BY batch";
    /// Takes away what was settled again.
    run forget_late(org: Id, batch: Id, through: Date) =
        "DELETE FROM reading_late WHERE org = $1 AND batch = $2 AND first_on <= $3";
    /// Installations whose opening or closing registers are not in the lake yet.
    all undelivered_exchanges(org: Id, count: i64) -> ExchangeRow =
        "SELECT i.id, i.usage_point, i.meter, i.installed_on, i.removed_on, i.opening_registers,
                i.closing_registers, m.register_scale,
                NOT EXISTS (SELECT 1 FROM reading_exchange x
                             WHERE x.org = i.org AND x.installation = i.id AND x.closing = FALSE) AS opening_open,
                EXISTS (SELECT 1 FROM meter_installation n
                         WHERE n.org = i.org AND n.usage_point = i.usage_point
                           AND n.installed_on = i.removed_on AND n.id <> i.id) AS is_exchange
           FROM meter_installation i JOIN meter m ON m.id = i.meter
          WHERE i.org = $1
            AND (NOT EXISTS (SELECT 1 FROM reading_exchange x
                              WHERE x.org = i.org AND x.installation = i.id AND x.closing = FALSE)
                 OR (i.removed_on IS NOT NULL
                     AND NOT EXISTS (SELECT 1 FROM reading_exchange x
                                      WHERE x.org = i.org AND x.installation = i.id AND x.closing = TRUE)))
          ORDER BY i.id LIMIT $2";
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
    /// Open findings of a 台区 (0: all), a severity (empty: all), a rule (empty: all) and days
    /// `[from, to)`, oldest day first.
    all open_exceptions_of(
        org: Id, severity: &str, rule: &str, area: Id, from: Date, to: Date, after_day: &str, after: Id, count: i64,
    ) -> ExceptionRow =
        exception!("WHERE org = $1 AND state = 'open' AND ($2 = '' OR severity = $2) AND ($3 = '' OR rule = $3)
                      AND ($4 = 0 OR usage_point IN
                           (SELECT u.id FROM usage_point u WHERE u.org = $1 AND u.transformer_area = $4))
                      AND day >= $5 AND day < $6
                      AND (day > $7 OR (day = $7 AND id > $8))
                    ORDER BY day, id LIMIT $9");
    /// Usage points of a 台区 that were not read in the night of a day (S-052), by code: as many as
    /// the day's reading success leaves, also when their readings came later.
    all missing_of_area(org: Id, area: Id, day: Date, count: i64) -> MissingRow =
        "SELECT u.id AS usage_point, u.code, a.account_no, e.id AS exception, e.decision,
                e.state = 'cleared' AS has_come
           FROM reading_exception e
           JOIN usage_point u ON u.id = e.usage_point
           JOIN account a ON a.id = u.account
          WHERE e.org = $1 AND u.transformer_area = $2 AND e.day = $3 AND e.rule = 'vee.gap'
          ORDER BY u.code LIMIT $4";
    /// Usage points that were not read in the night of a day, of a 台区 (0: all), by code: the list
    /// behind the figure of reading success (S-052).
    all unread_on(org: Id, day: Date, area: Id, after_code: &str, count: i64) -> UnreadRow =
        unread!("AND ($3 = 0 OR u.transformer_area = $3) AND u.code > $4 ORDER BY u.code LIMIT $5");
    /// 专变 customers that were not read in the night of a day, the largest last bill first (S-053).
    all unread_dedicated(org: Id, day: Date, count: i64) -> UnreadRow =
        unread!("AND u.dedicated_transformer ORDER BY last_bill_units DESC, u.code LIMIT $3");
    /// Automatic reading by 台区 (S-051), usage points without one under 0; from a code on.
    all coverage_by_area(org: Id, after_code: &str, count: i64) -> CoverageRow =
        "SELECT COALESCE(u.transformer_area, 0) AS transformer_area, COALESCE(t.code, '-') AS code,
                COALESCE(t.name, '') AS name,
                CAST(SUM(CASE WHEN u.dedicated_transformer THEN 0 ELSE 1 END) AS BIGINT) AS low_voltage,
                CAST(SUM(CASE WHEN NOT u.dedicated_transformer AND m.concentrator <> '' THEN 1 ELSE 0 END) AS BIGINT)
                  AS low_voltage_automatic,
                CAST(SUM(CASE WHEN u.dedicated_transformer THEN 1 ELSE 0 END) AS BIGINT) AS dedicated,
                CAST(SUM(CASE WHEN u.dedicated_transformer AND m.concentrator <> '' THEN 1 ELSE 0 END) AS BIGINT)
                  AS dedicated_automatic
           FROM usage_point u
           LEFT JOIN transformer_area t ON t.id = u.transformer_area
           LEFT JOIN meter_installation i ON i.org = u.org AND i.usage_point = u.id AND i.removed_on IS NULL
           LEFT JOIN meter m ON m.org = u.org AND m.id = i.meter
          WHERE u.org = $1 AND u.closed_on IS NULL AND COALESCE(t.code, '-') > $2
          GROUP BY COALESCE(u.transformer_area, 0), COALESCE(t.code, '-'), COALESCE(t.name, '')
          ORDER BY COALESCE(t.code, '-') LIMIT $3";
    /// Automatic reading of the organisation: low voltage, of these automatic, 专变, of these automatic.
    optional coverage(org: Id) -> (i64, i64, i64, i64) =
        "SELECT CAST(COALESCE(SUM(CASE WHEN u.dedicated_transformer THEN 0 ELSE 1 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN NOT u.dedicated_transformer AND m.concentrator <> '' THEN 1 ELSE 0 END), 0)
                  AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN u.dedicated_transformer THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN u.dedicated_transformer AND m.concentrator <> '' THEN 1 ELSE 0 END), 0)
                  AS BIGINT)
           FROM usage_point u
           LEFT JOIN meter_installation i ON i.org = u.org AND i.usage_point = u.id AND i.removed_on IS NULL
           LEFT JOIN meter m ON m.org = u.org AND m.id = i.meter
          WHERE u.org = $1 AND u.closed_on IS NULL";
    /// The usage points behind the coverage, by code; those that are not read automatically when
    /// `only_uncovered`, of a 台区 (0: all; -1: those without one).
    all covered_points(org: Id, area: Id, only_uncovered: bool, after_code: &str, count: i64) -> CoveredRow =
        "SELECT u.id AS usage_point, u.code, a.account_no, COALESCE(t.code, '') AS area_code,
                u.dedicated_transformer AS dedicated, COALESCE(m.asset_no, '') AS asset_no,
                COALESCE(m.concentrator, '') AS concentrator
           FROM usage_point u
           JOIN account a ON a.id = u.account
           LEFT JOIN transformer_area t ON t.id = u.transformer_area
           LEFT JOIN meter_installation i ON i.org = u.org AND i.usage_point = u.id AND i.removed_on IS NULL
           LEFT JOIN meter m ON m.org = u.org AND m.id = i.meter
          WHERE u.org = $1 AND u.closed_on IS NULL
            AND ($2 = 0 OR COALESCE(u.transformer_area, -1) = $2)
            AND (NOT $3 OR COALESCE(m.concentrator, '') = '')
            AND u.code > $4
          ORDER BY u.code LIMIT $5";
    /// Of the days settled in a range: usage point days, and those on which a person decided (S-072).
    optional touched_days(org: Id, from: Date, to: Date) -> (i64, i64) =
        "SELECT CAST(COALESCE(SUM(usage_point_count), 0) AS BIGINT),
                (SELECT COUNT(*) FROM (SELECT DISTINCT e.usage_point, e.day FROM reading_exception e
                  WHERE e.org = $1 AND e.day >= $2 AND e.day < $3 AND e.state = 'decided') AS touched)
           FROM settled_day WHERE org = $1 AND day >= $2 AND day < $3";
    /// Bills of the periods that begin in a range: all, and those that waited for a person (S-073).
    optional touched_bills(org: Id, from: Date, to: Date) -> (i64, i64) =
        "SELECT COUNT(*),
                CAST(COALESCE(SUM(CASE WHEN review_reasons <> '[]' THEN 1 ELSE 0 END), 0) AS BIGINT)
           FROM bill WHERE org = $1 AND period_from >= $2 AND period_from < $3 AND sequence = 1";
    /// Sends someone to look: the finding stays open.
    run set_field_check(org: Id, id: Id, version: i64, reason: &str, by: Id, at: Instant) =
        "UPDATE reading_exception
            SET decision = 'field_check', reason = $4, decided_by = $5, decided_at = $6, version = version + 1
          WHERE org = $1 AND id = $2 AND version = $3 AND state = 'open'";
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
