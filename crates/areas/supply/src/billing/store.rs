//! The SQL of bills, bill runs and corrections.

use kernel::{Date, Id, Instant};

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
        /// The month close that made it; none for a correction.
        pub run: Option<Id>,
        /// Who pays.
        pub account: Id,
        /// Under which agreement (the last of the period).
        pub agreement: Id,
        /// What was supplied.
        pub usage_point: Id,
        /// Where it hangs on the network.
        pub transformer_area: Id,
        /// First day.
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
        /// The tariff version in force at the end.
        pub tariff_document: Id,
        /// JSON: everything beside the daily state that the bill was computed from.
        pub facts: String,
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
    }
}

/// The columns of [`BillRow`], for the statements that read it.
macro_rules! bill {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, bill_no, run, account, agreement, usage_point, transformer_area, period_from,
                    period_to, sequence, state, currency, total_units, daily_charge_units, energy_ukwh,
                    day_count, estimated_day_count, tariff_document, facts, review_reasons, state_version,
                    replaces, due_on, issued_at, issued_by, created_at, version
               FROM bill ",
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
    /// The bills of a usage point that start before a day, newest first, without replaced ones.
    all bills_before(org: Id, usage_point: Id, before: Date, count: i64) -> BillRow =
        bill!("WHERE org = $1 AND usage_point = $2 AND period_from < $3 AND state <> 'replaced'
               ORDER BY period_from DESC, sequence DESC LIMIT $4");
    /// Every bill that was ever made for one period of a usage point, oldest first.
    all bills_of_period(org: Id, usage_point: Id, period_from: Date) -> BillRow =
        bill!("WHERE org = $1 AND usage_point = $2 AND period_from = $3 ORDER BY sequence");
    /// A page of the bills in one state, by id.
    all bills_in_state(org: Id, state: &str, period_from: Date, after: Id, count: i64) -> BillRow =
        bill!("WHERE org = $1 AND state = $2 AND period_from = $3 AND id > $4 ORDER BY id LIMIT $5");
    /// A page of the review queue, largest amount first.
    all review_queue(org: Id, total_before: i64, after: Id, count: i64) -> BillRow =
        bill!("WHERE org = $1 AND state = 'review'
                 AND (total_units < $2 OR (total_units = $2 AND id > $3))
               ORDER BY total_units DESC, id LIMIT $4");
    /// The lines of a bill in order.
    all lines_of_bill(org: Id, bill: Id) -> BillLineRow =
        "SELECT org, bill, seq, kind, amount_units, line FROM bill_line
          WHERE org = $1 AND bill = $2 ORDER BY seq";
    /// Which usage points have a bill of a period already.
    all billed_usage_points(org: Id, period_from: Date) -> Id =
        "SELECT DISTINCT usage_point FROM bill WHERE org = $1 AND period_from = $2";
    /// Bills, totals and energy of a period by state.
    all totals_by_state(org: Id, period_from: Date) -> (String, i64, i64, i64) =
        "SELECT state, COUNT(*), CAST(SUM(total_units) AS BIGINT), CAST(SUM(energy_ukwh) AS BIGINT)
           FROM bill WHERE org = $1 AND period_from = $2 GROUP BY state ORDER BY state";
    /// Moves a bill to another state, if nobody changed it meanwhile.
    run set_state(org: Id, id: Id, from: &str, to: &str, version: i64) =
        "UPDATE bill SET state = $4, version = version + 1
          WHERE org = $1 AND id = $2 AND state = $3 AND version = $5";
    /// Issues a bill that is ready.
    run issue_bill(org: Id, id: Id, issued_at: Instant, issued_by: Id, due_on: Date) =
        "UPDATE bill SET state = 'issued', issued_at = $3, issued_by = $4, due_on = $5, version = version + 1
          WHERE org = $1 AND id = $2 AND state = 'ready'";
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
    /// How far a month close is.
    run set_run_progress(org: Id, id: Id, bills_done: i64, bills_total: i64) =
        "UPDATE bill_run SET bills_done = $3, bills_total = $4 WHERE org = $1 AND id = $2";
    /// Ends a month close.
    run finish_run(org: Id, id: Id, state: &str, finished_at: Instant, message: Option<&str>) =
        "UPDATE bill_run SET state = $3, finished_at = $4, message = $5 WHERE org = $1 AND id = $2";
    /// What was corrected about a bill, as the one before or the one after.
    all corrections_of(org: Id, bill: Id) -> CorrectionRow =
        "SELECT id, org, bill_before, bill_after, cause, reason, total_before_units, total_after_units,
                corrected_at, corrected_by
           FROM bill_correction WHERE org = $1 AND (bill_before = $2 OR bill_after = $2) ORDER BY id";
    /// Recent corrections, newest first: the public correction log (S-076).
    all corrections(org: Id, before: Id, count: i64) -> CorrectionRow =
        "SELECT id, org, bill_before, bill_after, cause, reason, total_before_units, total_after_units,
                corrected_at, corrected_by
           FROM bill_correction WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// Open findings of a usage point within a period.
    one open_exceptions(org: Id, usage_point: Id, from: Date, to: Date) -> i64 =
        "SELECT COUNT(*) FROM reading_exception
          WHERE org = $1 AND usage_point = $2 AND day >= $3 AND day < $4 AND state = 'open' AND severity <> 'info'";
}
