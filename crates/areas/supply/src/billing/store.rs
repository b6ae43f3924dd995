//! The SQL of bills, bill runs and corrections.

use kernel::{Date, Id, Instant};

use crate::agreements::opened_on;

store::record! {
    /// A bill as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct BillRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// What people call it by.
        pub bill_no: String,
        /// The month close that made it; none for the correction of an issued bill.
        pub run: Option<Id>,
        /// Who pays.
        pub account: Id,
        /// Under which agreement (the last of the period).
        pub agreement: Id,
        /// What was supplied.
        pub usage_point: Id,
        /// Where it hangs on the network.
        pub transformer_area: Id,
        /// First day of the month that it is closed and issued with.
        pub month_on: Date,
        /// First day that it bills: that of the month, or of the account's supply within it.
        pub period_from: Date,
        /// First day no longer.
        pub period_to: Date,
        /// 1 for the first bill of the period, rising with corrections.
        pub sequence: i64,
        /// `review`, `ready`, `issued` or `replaced`.
        pub state: String,
        /// ISO 4217.
        pub currency: String,
        /// What is to be paid, 1e-4.
        pub total_units: i64,
        /// Sum of the daily charges, 1e-4.
        pub daily_charge_units: i64,
        /// Active energy, µkWh.
        pub energy_ukwh: i64,
        /// Days supplied.
        pub day_count: i64,
        /// Of them estimated.
        pub estimated_day_count: i64,
        /// Energy of the estimated days, µkWh.
        pub estimated_ukwh: i64,
        /// The tariff version in force at the end.
        pub tariff_document: Id,
        /// JSON: everything beside the daily state that the bill was computed from.
        pub facts: String,
        /// JSON of [`super::RatedBy`]: the tariff versions, prices and components behind the lines.
        pub rated: String,
        /// JSON list of [`super::rules::ReviewReason`].
        pub review_reasons: String,
        /// The version of the daily state it stands on.
        pub state_version: i64,
        /// The bill that this one corrects.
        pub replaces: Option<Id>,
        /// Last day to pay without penalty.
        pub due_on: Option<Date>,
        /// When it was issued.
        pub issued_at: Option<Instant>,
        /// By whom.
        pub issued_by: Option<Id>,
        /// When it was computed.
        pub created_at: Instant,
        /// Rises with every change.
        pub version: i64,
    }

    /// A line of a bill as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct BillLineRow {
        /// The organisation.
        pub org: Id,
        /// The bill.
        pub bill: Id,
        /// Position from 1.
        pub seq: i64,
        /// The engine's word for its kind.
        pub kind: String,
        /// 1e-4 of the currency.
        pub amount_units: i64,
        /// JSON of the engine's line, with its arithmetic.
        pub line: String,
    }

    /// A month close as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct BillRunRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// First day of the period.
        pub period_from: Date,
        /// First day after it.
        pub period_to: Date,
        /// `running`, `done` or `failed`.
        pub state: String,
        /// Bills made so far.
        pub bills_done: i64,
        /// Bills to make.
        pub bills_total: i64,
        /// When it began.
        pub started_at: Instant,
        /// When it ended.
        pub finished_at: Option<Instant>,
        /// By whom.
        pub started_by: Id,
        /// What stopped it.
        pub message: Option<String>,
    }

    /// An agreement that reaches into a period to be billed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct BilledAgreementRow {
        /// The usage point.
        pub usage_point: Id,
        /// What people call it by.
        pub usage_point_code: String,
        /// Its 台区, or 0.
        pub transformer_area: Id,
        /// Who pays.
        pub account: Id,
        /// The agreement.
        pub agreement: Id,
        /// Its first day.
        pub valid_from: Date,
        /// Its first day no longer.
        pub valid_to: Option<Date>,
        /// Contracted capacity in millionths of a kVA.
        pub capacity_ukva: i64,
        /// Contracted maximum demand in millionths of a kW.
        pub contract_demand_ukw: i64,
        /// What the basic charge is measured by.
        pub basic_charge: String,
        /// 一户多人口
        pub family_of_five: bool,
        /// 低保/五保
        pub low_income: bool,
        /// The day on which the yearly ladder begins.
        pub opened_on: Date,
        /// 1 when the account's supply here ends with it, 0 when it goes on.
        pub leaves: i64,
    }

    /// A correction as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CorrectionRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The bill that was wrong.
        pub bill_before: Id,
        /// The bill that replaces it.
        pub bill_after: Id,
        /// A word of the catalogue of causes.
        pub cause: String,
        /// In words.
        pub reason: String,
        /// What was asked before.
        pub total_before_units: i64,
        /// What is asked now.
        pub total_after_units: i64,
        /// When.
        pub corrected_at: Instant,
        /// By whom.
        pub corrected_by: Id,
        /// Of which usage point.
        pub usage_point: Id,
        /// The first day of the corrected period.
        pub period_from: Date,
        /// JSON list of the engine's lines as they were, when the bill before was not issued and
        /// so is not kept; empty otherwise.
        pub lines_before: String,
    }

    /// A usage point that got no bill of a month.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SkippedRow {
        /// The usage point.
        pub usage_point: Id,
        /// What people call it by.
        pub code: String,
        /// `no_days`, `other_account`, `no_demand`, `no_reactive` or `not_rated`.
        pub reason: String,
        /// The engine's words.
        pub detail: String,
    }

    /// A dispute about a bill.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DisputeRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The bill that is disputed.
        pub bill: Id,
        /// Whose bill it is.
        pub account: Id,
        /// `open` or `closed`.
        pub state: String,
        /// What the customer says.
        pub claim: String,
        /// When it was opened.
        pub opened_at: Instant,
        /// By whom: the stable name of a customer or a member of staff.
        pub opened_by: String,
        /// Whether the bill came to the same lines when it was computed again from its own inputs.
        pub is_as_billed: bool,
        /// What the bill asks, 1e-4.
        pub total_billed_units: i64,
        /// What it came to by the readings and terms of that moment, where it could be computed.
        pub total_now_units: Option<i64>,
        /// `upheld` or `corrected`.
        pub outcome: Option<String>,
        /// What the customer is told.
        pub answer: Option<String>,
        /// The bill that took its place.
        pub bill_after: Option<Id>,
        /// When it was closed.
        pub closed_at: Option<Instant>,
        /// By whom.
        pub closed_by: Option<Id>,
        /// Rises with every change.
        pub version: i64,
    }
}

/// The columns of [`BillRow`], for the statements that read it.
macro_rules! bill {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, bill_no, run, account, agreement, usage_point, transformer_area, month_on,
                    period_from, period_to, sequence, state, currency, total_units, daily_charge_units, energy_ukwh,
                    day_count, estimated_day_count, estimated_ukwh, tariff_document, facts, rated,
                    review_reasons, state_version,
                    replaces, due_on, issued_at, issued_by, created_at, version
               FROM bill ",
            $rest
        )
    };
}

/// The columns of [`BilledAgreementRow`].
macro_rules! billed_agreement {
    ($rest:literal) => {
        concat!(
            "SELECT a.usage_point, u.code AS usage_point_code,
                    COALESCE(u.transformer_area, 0) AS transformer_area, a.account, a.id AS agreement,
                    a.valid_from, a.valid_to, a.capacity_ukva, a.contract_demand_ukw, a.basic_charge,
                    a.family_of_five, a.low_income, ",
            opened_on!(),
            " AS opened_on,
                    CAST(CASE WHEN a.valid_to IS NULL THEN 0
                              WHEN EXISTS (SELECT 1 FROM agreement n
                                            WHERE n.org = a.org AND n.usage_point = a.usage_point
                                              AND n.account = a.account AND n.valid_from = a.valid_to)
                              THEN 0 ELSE 1 END AS BIGINT) AS leaves
               FROM agreement a JOIN usage_point u ON u.id = a.usage_point ",
            $rest
        )
    };
}

/// The columns of [`CorrectionRow`].
macro_rules! correction {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, bill_before, bill_after, cause, reason, total_before_units, total_after_units,
                    corrected_at, corrected_by, usage_point, period_from, lines_before
               FROM bill_correction ",
            $rest
        )
    };
}

/// The columns of [`DisputeRow`].
macro_rules! dispute {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.org, d.bill, d.account, d.state, d.claim, d.opened_at, d.opened_by, d.is_as_billed,
                    d.total_billed_units, d.total_now_units, d.outcome, d.answer, d.bill_after, d.closed_at,
                    d.closed_by, d.version
               FROM bill_dispute d ",
            $rest
        )
    };
}

store::statements! {
    /// One bill.
    optional bill_by_id(org: Id, id: Id) -> BillRow = bill!("WHERE org = $1 AND id = $2");
    /// The bill with this number.
    optional bill_by_no(org: Id, bill_no: &str) -> BillRow = bill!("WHERE org = $1 AND bill_no = $2");
    /// The bills of an account that start before a day, newest first, without replaced ones.
    all bills_of_account(org: Id, account: Id, before: Date, count: i64) -> BillRow =
        bill!("WHERE org = $1 AND account = $2 AND period_from < $3 AND state <> 'replaced'
               ORDER BY period_from DESC, usage_point, sequence DESC LIMIT $4");
    /// Every bill of a month, by id.
    all bills_in_period(org: Id, month_on: Date, after: Id, count: i64) -> BillRow =
        bill!("WHERE org = $1 AND month_on = $2 AND id > $3 ORDER BY id LIMIT $4");
    /// The bills of a usage point that start before a day, newest first, without replaced ones.
    all bills_before(org: Id, usage_point: Id, before: Date, count: i64) -> BillRow =
        bill!("WHERE org = $1 AND usage_point = $2 AND period_from < $3 AND state <> 'replaced'
               ORDER BY period_from DESC, sequence DESC LIMIT $4");
    /// Every bill that was ever made for one period of a usage point, oldest first.
    all bills_of_period(org: Id, usage_point: Id, period_from: Date) -> BillRow =
        bill!("WHERE org = $1 AND usage_point = $2 AND period_from = $3 ORDER BY sequence");
    /// A page of the bills in one state, by id.
    all bills_in_state(org: Id, state: &str, month_on: Date, after: Id, count: i64) -> BillRow =
        bill!("WHERE org = $1 AND state = $2 AND month_on = $3 AND id > $4 ORDER BY id LIMIT $5");
    /// A page of the review queue, largest amount first.
    all review_queue(org: Id, total_before: i64, after: Id, count: i64) -> BillRow =
        bill!("WHERE org = $1 AND state = 'review'
                 AND (total_units < $2 OR (total_units = $2 AND id > $3))
               ORDER BY total_units DESC, id LIMIT $4");
    /// The lines of a bill in order.
    all lines_of_bill(org: Id, bill: Id) -> BillLineRow =
        "SELECT org, bill, seq, kind, amount_units, line FROM bill_line
          WHERE org = $1 AND bill = $2 ORDER BY seq";
    /// Bills, totals and energy of a month by state.
    all totals_by_state(org: Id, month_on: Date) -> (String, i64, i64, i64) =
        "SELECT state, COUNT(*), CAST(SUM(total_units) AS BIGINT), CAST(SUM(energy_ukwh) AS BIGINT)
           FROM bill WHERE org = $1 AND month_on = $2 GROUP BY state ORDER BY state";
    /// Moves a bill to another state, if nobody changed it meanwhile.
    run set_state(org: Id, id: Id, from: &str, to: &str, version: i64) =
        "UPDATE bill SET state = $4, version = version + 1
          WHERE org = $1 AND id = $2 AND state = $3 AND version = $5";
    /// Marks an issued bill as replaced by a correction.
    run replace_bill(org: Id, id: Id) =
        "UPDATE bill SET state = 'replaced', version = version + 1
          WHERE org = $1 AND id = $2 AND state = 'issued'";
    /// One month close.
    optional bill_run(org: Id, id: Id) -> BillRunRow =
        "SELECT id, org, period_from, period_to, state, bills_done, bills_total, started_at, finished_at,
                started_by, message FROM bill_run WHERE org = $1 AND id = $2";
    /// The month close of a period.
    optional bill_run_of(org: Id, period_from: Date) -> BillRunRow =
        "SELECT id, org, period_from, period_to, state, bills_done, bills_total, started_at, finished_at,
                started_by, message FROM bill_run WHERE org = $1 AND period_from = $2";
    /// Recent month closes, newest first.
    all bill_runs(org: Id, count: i64) -> BillRunRow =
        "SELECT id, org, period_from, period_to, state, bills_done, bills_total, started_at, finished_at,
                started_by, message FROM bill_run WHERE org = $1 ORDER BY period_from DESC LIMIT $2";
    /// Counts the bills that a month close has made.
    run set_run_progress(org: Id, id: Id) =
        "UPDATE bill_run
            SET bills_done = (SELECT COUNT(*) FROM bill b
                               WHERE b.org = $1 AND b.month_on = bill_run.period_from AND b.sequence = 1)
                           + (SELECT COUNT(*) FROM bill_skipped WHERE org = $1 AND run = $2)
          WHERE org = $1 AND id = $2";
    /// How many bills a period needs: one for each account that is supplied at a usage point.
    one unbilled_count(org: Id, from: Date, to: Date) -> i64 =
        "SELECT COUNT(*) FROM (SELECT DISTINCT usage_point, account FROM agreement
          WHERE org = $1 AND valid_from < $3 AND (valid_to IS NULL OR valid_to > $2)) AS supplied";
    /// The agreements of the next usage points that have no bill of a period yet; days that are
    /// billed already, by a final bill, are left out.
    all agreements_to_bill(org: Id, run: Id, from: Date, to: Date, after: Id, count: i64) -> BilledAgreementRow =
        billed_agreement!("WHERE a.org = $1 AND a.valid_from < $4 AND (a.valid_to IS NULL OR a.valid_to > $3)
            AND NOT EXISTS (SELECT 1 FROM bill b WHERE b.org = $1 AND b.usage_point = a.usage_point
                               AND b.month_on = $3 AND b.period_to > a.valid_from
                               AND (a.valid_to IS NULL OR b.period_from < a.valid_to))
            AND a.usage_point IN (
                SELECT DISTINCT x.usage_point FROM agreement x
                 WHERE x.org = $1 AND x.usage_point > $5
                   AND x.valid_from < $4 AND (x.valid_to IS NULL OR x.valid_to > $3)
                   AND NOT EXISTS (SELECT 1 FROM bill b WHERE b.org = $1 AND b.usage_point = x.usage_point
                                      AND b.month_on = $3 AND b.period_to > x.valid_from
                                      AND (x.valid_to IS NULL OR b.period_from < x.valid_to))
                   AND NOT EXISTS (SELECT 1 FROM bill_skipped s WHERE s.org = $1 AND s.run = $2
                                      AND s.usage_point = x.usage_point)
                 ORDER BY x.usage_point LIMIT $6)
          ORDER BY a.usage_point, a.valid_from");
    /// The agreements of one usage point that reach into a period, in order of time.
    all agreements_of_period(org: Id, usage_point: Id, from: Date, to: Date) -> BilledAgreementRow =
        billed_agreement!("WHERE a.org = $1 AND a.usage_point = $2 AND a.valid_from < $4
            AND (a.valid_to IS NULL OR a.valid_to > $3)
          ORDER BY a.valid_from");
    /// The day on which the last agreement of an account at a usage point ended; none while it runs.
    optional supply_ended(org: Id, usage_point: Id, account: Id) -> (Option<Date>,) =
        "SELECT valid_to FROM agreement WHERE org = $1 AND usage_point = $2 AND account = $3
          ORDER BY valid_from DESC LIMIT 1";
    /// A bill of a usage point, not replaced, that covers a day.
    optional bill_covering(org: Id, usage_point: Id, day: Date) -> BillRow =
        bill!("WHERE org = $1 AND usage_point = $2 AND period_from <= $3 AND period_to > $3
                 AND state <> 'replaced' ORDER BY sequence DESC LIMIT 1");
    /// Energy and days of the bills before a period, by usage point within a range of them and by
    /// account.
    all past_use(org: Id, from: Date, to: Date, first: Id, last: Id) -> (Id, Id, i64, i64) =
        "SELECT usage_point, account, CAST(SUM(energy_ukwh) AS BIGINT), CAST(SUM(day_count) AS BIGINT)
           FROM bill
          WHERE org = $1 AND period_from >= $2 AND period_from < $3
            AND usage_point >= $4 AND usage_point <= $5 AND state <> 'replaced'
          GROUP BY usage_point, account";
    /// Findings that stop a bill, by usage point within a range of them and by account.
    all open_exceptions_by_usage_point(org: Id, from: Date, to: Date, first: Id, last: Id) -> (Id, Id, i64) =
        "SELECT usage_point, account, COUNT(*) FROM reading_exception
          WHERE org = $1 AND day >= $2 AND day < $3 AND usage_point >= $4 AND usage_point <= $5
            AND state = 'open' AND severity = 'stop'
          GROUP BY usage_point, account";
    /// Notes that a usage point gets no bill from a close, and why.
    run skip_usage_point(org: Id, run: Id, usage_point: Id, reason: &str, detail: &str) =
        "INSERT INTO bill_skipped (org, run, usage_point, reason, detail) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING";
    /// Forgets who got no bill from a close, so that they are tried again.
    run forget_skipped(org: Id, run: Id) = "DELETE FROM bill_skipped WHERE org = $1 AND run = $2";
    /// Takes a close up again that was done.
    run reopen_run(org: Id, id: Id) =
        "UPDATE bill_run SET state = 'running', finished_at = NULL WHERE org = $1 AND id = $2 AND state = 'done'";
    /// Who got no bill of a period, by code.
    all skipped_of_period(org: Id, period_from: Date, count: i64) -> SkippedRow =
        "SELECT s.usage_point, u.code, s.reason, s.detail
           FROM bill_skipped s
           JOIN bill_run r ON r.org = s.org AND r.id = s.run
           JOIN usage_point u ON u.id = s.usage_point
          WHERE s.org = $1 AND r.period_from = $2 ORDER BY u.code LIMIT $3";
    /// Amounts of ready bills by bill and kind of line, for bills after one, at most so many rows.
    all ready_amounts(org: Id, month_on: Date, after: Id, last: Id) -> (Id, Id, String, i64, String, String) =
        "SELECT b.id, b.account, b.bill_no, CAST(SUM(l.amount_units) AS BIGINT), l.kind, b.currency
           FROM bill b JOIN bill_line l ON l.org = b.org AND l.bill = b.id
          WHERE b.org = $1 AND b.state = 'ready' AND b.month_on = $2 AND b.id > $3 AND b.id <= $4
          GROUP BY b.id, b.account, b.bill_no, l.kind, b.currency ORDER BY b.id, l.kind";
    /// The id at which the next page of ready bills ends.
    optional end_of_ready_page(org: Id, month_on: Date, after: Id, count: i64) -> Id =
        "SELECT MAX(id) FROM (SELECT id FROM bill
          WHERE org = $1 AND state = 'ready' AND month_on = $2 AND id > $3 ORDER BY id LIMIT $4) AS page
         HAVING COUNT(*) > 0";
    /// Issues the ready bills of a range of ids.
    run issue_range(org: Id, month_on: Date, after: Id, last: Id, issued_at: Instant, issued_by: Id, due_on: Date) =
        "UPDATE bill SET state = 'issued', issued_at = $5, issued_by = $6, due_on = $7, version = version + 1
          WHERE org = $1 AND state = 'ready' AND month_on = $2 AND id > $3 AND id <= $4";
    /// Bills that are not issued and reach over a day.
    all unissued_over(org: Id, usage_point: Id, day: Date) -> BillRow =
        bill!("WHERE org = $1 AND usage_point = $2 AND period_to > $3 AND state IN ('review', 'ready')");
    /// Removes a bill that was not issued, if nobody changed it meanwhile, before it is made again.
    run delete_unissued(org: Id, id: Id, version: i64) =
        "DELETE FROM bill WHERE org = $1 AND id = $2 AND version = $3 AND state IN ('review', 'ready')";
    /// Removes the lines of a bill that was not issued.
    run delete_lines(org: Id, bill: Id) =
        "DELETE FROM bill_line WHERE org = $1 AND bill = $2";
    /// Ends a month close that runs.
    run finish_run(org: Id, id: Id, state: &str, finished_at: Instant, message: Option<&str>) =
        "UPDATE bill_run SET state = $3, finished_at = $4, message = $5
          WHERE org = $1 AND id = $2 AND state = 'running'";
    /// Everything that was corrected about one period of a usage point, oldest first: the chain
    /// from the first bill to the one that stands.
    all corrections_of_period(org: Id, usage_point: Id, period_from: Date) -> CorrectionRow =
        correction!("WHERE org = $1 AND usage_point = $2 AND period_from = $3 ORDER BY id");
    /// Recent corrections, newest first: the public correction log (S-076).
    all corrections(org: Id, before: Id, count: i64) -> CorrectionRow =
        correction!("WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    /// Disputes about the bills of one period of a usage point, oldest first.
    all disputes_of_period(org: Id, usage_point: Id, period_from: Date) -> DisputeRow =
        dispute!("JOIN bill b ON b.org = d.org AND b.id = d.bill
                  WHERE d.org = $1 AND b.usage_point = $2 AND b.period_from = $3 ORDER BY d.id");
    /// Open disputes, oldest first.
    all open_disputes(org: Id, after: Id, count: i64) -> DisputeRow =
        dispute!("WHERE d.org = $1 AND d.state = 'open' AND d.id > $2 ORDER BY d.id LIMIT $3");
    /// How many disputes are open.
    one open_dispute_count(org: Id) -> i64 =
        "SELECT COUNT(*) FROM bill_dispute WHERE org = $1 AND state = 'open'";
    /// One dispute.
    optional dispute_by_id(org: Id, id: Id) -> DisputeRow = dispute!("WHERE d.org = $1 AND d.id = $2");
    /// Closes a dispute, if nobody did meanwhile.
    run close_dispute(
        org: Id, id: Id, version: i64, outcome: &str, answer: &str, bill_after: Option<Id>, by: Id, at: Instant,
    ) =
        "UPDATE bill_dispute
            SET state = 'closed', outcome = $4, answer = $5, bill_after = $6, closed_by = $7, closed_at = $8,
                version = version + 1
          WHERE org = $1 AND id = $2 AND version = $3 AND state = 'open'";
}
