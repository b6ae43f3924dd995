//! The rows that a digest is made of, each in an order of its own that no id decides.

use kernel::{Date, Id};

store::statements! {
    /// Settled days: day, usage points, read, energy, charge. How many were estimated at first and
    /// how many findings there were depends on when readings arrived, so it is left out.
    each days(org: Id) -> (Date, i64, i64, i64) =
        "SELECT day, usage_point_count, energy_ukwh, charge_units
           FROM settled_day WHERE org = $1 ORDER BY day";
    /// Bills: number, state, total, sum of daily charges, energy.
    each bills(org: Id) -> (String, String, i64, i64, i64) =
        "SELECT bill_no, state, total_units, daily_charge_units, energy_ukwh
           FROM bill WHERE org = $1 ORDER BY bill_no";
    /// Lines with their whole arithmetic.
    each lines(org: Id) -> (String, i64, i64, String) =
        "SELECT b.bill_no, l.seq, l.amount_units, l.line
           FROM bill_line l JOIN bill b ON b.org = l.org AND b.id = l.bill
          WHERE l.org = $1 ORDER BY b.bill_no, l.seq";
    /// What each customer owes: account number, debits, credits.
    each receivables(org: Id) -> (String, i64, i64) =
        "SELECT a.account_no, l.debits_units, l.credits_units
           FROM ledger_account l JOIN account a ON a.id = l.owner
          WHERE l.org = $1 AND l.code = 'receivable' ORDER BY a.account_no";
    /// The company's own accounts: code, debits, credits.
    each company_accounts(org: Id) -> (String, i64, i64) =
        "SELECT code, debits_units, credits_units FROM ledger_account
          WHERE org = $1 AND owner = 0 ORDER BY code";
    /// How many transfers there are.
    one transfer_count(org: Id) -> i64 = "SELECT COUNT(*) FROM ledger_transfer WHERE org = $1";
}
