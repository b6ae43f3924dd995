//! The ledger's SQL.

use kernel::{Date, Id, Instant};

store::record! {
    /// A transfer as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TransferRow {
        /// The organisation.
        pub org: i64,
        /// Chosen by the caller.
        pub id: String,
        /// Code of the receiving side.
        pub debit_code: String,
        /// Customer account of the receiving side, or 0.
        pub debit_owner: i64,
        /// Code of the giving side.
        pub credit_code: String,
        /// Customer account of the giving side, or 0.
        pub credit_owner: i64,
        /// 1e-4 of the currency.
        pub amount_units: i64,
        /// ISO 4217.
        pub currency: String,
        /// The bill, payment or correction that it stands for.
        pub subject: Id,
        /// Words for the statement.
        pub memo: String,
        /// The business date.
        pub booked_on: Date,
        /// When it was written.
        pub booked_at: Instant,
    }

    /// An account's two sums.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AccountRow {
        /// The organisation.
        pub org: i64,
        /// Code of the account.
        pub code: String,
        /// Customer account, or 0.
        pub owner: i64,
        /// ISO 4217.
        pub currency: String,
        /// Sum of all debits, 1e-4.
        pub debits_units: i64,
        /// Sum of all credits, 1e-4.
        pub credits_units: i64,
    }
}

store::statements! {
    /// The transfer with this id.
    optional transfer(org: Id, id: &str) -> TransferRow =
        "SELECT org, id, debit_code, debit_owner, credit_code, credit_owner, amount_units, currency,
                subject, memo, booked_on, booked_at
           FROM ledger_transfer WHERE org = $1 AND id = $2";
    /// Adds to the two sums of an account, which begins with nothing.
    run add_to_account(org: Id, code: &str, owner: i64, currency: &str, debits_units: i64, credits_units: i64) =
        "INSERT INTO ledger_account (org, code, owner, currency, debits_units, credits_units)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (org, code, owner, currency) DO UPDATE
         SET debits_units = ledger_account.debits_units + excluded.debits_units,
             credits_units = ledger_account.credits_units + excluded.credits_units";
    /// The two sums of an account.
    optional account(org: Id, code: &str, owner: i64, currency: &str) -> AccountRow =
        "SELECT org, code, owner, currency, debits_units, credits_units
           FROM ledger_account WHERE org = $1 AND code = $2 AND owner = $3 AND currency = $4";
    /// The transfers of a customer account, newest first.
    all transfers_of_owner(org: Id, owner: Id, before: Instant, count: i64) -> TransferRow =
        "SELECT org, id, debit_code, debit_owner, credit_code, credit_owner, amount_units, currency,
                subject, memo, booked_on, booked_at
           FROM ledger_transfer
          WHERE org = $1 AND (debit_owner = $2 OR credit_owner = $2) AND booked_at < $3
          ORDER BY booked_at DESC, id DESC LIMIT $4";
    /// The sums of all accounts by code and currency, for the trial balance.
    all trial_balance(org: Id) -> (String, String, i64, i64) =
        "SELECT code, currency, CAST(SUM(debits_units) AS BIGINT), CAST(SUM(credits_units) AS BIGINT)
           FROM ledger_account WHERE org = $1 GROUP BY code, currency ORDER BY code, currency";
    /// Accounts whose sums are not those of their transfers: none, ever.
    all accounts_out_of_balance(org: Id) -> (String, i64, String) =
        "SELECT a.code, a.owner, a.currency FROM ledger_account a
           LEFT JOIN (SELECT debit_code AS code, debit_owner AS owner, currency, CAST(SUM(amount_units) AS BIGINT) AS units
                        FROM ledger_transfer WHERE org = $1 GROUP BY debit_code, debit_owner, currency) d
             ON d.code = a.code AND d.owner = a.owner AND d.currency = a.currency
           LEFT JOIN (SELECT credit_code AS code, credit_owner AS owner, currency, CAST(SUM(amount_units) AS BIGINT) AS units
                        FROM ledger_transfer WHERE org = $1 GROUP BY credit_code, credit_owner, currency) c
             ON c.code = a.code AND c.owner = a.owner AND c.currency = a.currency
          WHERE a.org = $1 AND (a.debits_units <> COALESCE(d.units, 0) OR a.credits_units <> COALESCE(c.units, 0))
          ORDER BY a.code, a.owner";
}
