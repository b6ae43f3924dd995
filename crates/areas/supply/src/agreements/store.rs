//! The SQL of agreements.

use kernel::{Date, Id, Instant};

store::record! {
    /// An agreement as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AgreementRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Who pays.
        pub account: Id,
        /// What is supplied.
        pub usage_point: Id,
        /// Code of the tariff.
        pub tariff_code: String,
        /// First day.
        pub valid_from: Date,
        /// First day no longer; none while it runs.
        pub valid_to: Option<Date>,
        /// Contracted capacity in millionths of a kVA.
        pub capacity_ukva: i64,
        /// Contracted maximum demand in millionths of a kW.
        pub contract_demand_ukw: i64,
        /// `none`, `capacity`, `contract_demand` or `actual_demand`.
        pub basic_charge: String,
        /// 一户多人口
        pub family_of_five: bool,
        /// 低保/五保
        pub low_income: bool,
        /// When it was written.
        pub created_at: Instant,
        /// By whom.
        pub created_by: Id,
        /// Why it ended.
        pub ended_reason: Option<String>,
        /// Rises with every change.
        pub version: i64,
    }
}

/// The day on which the yearly ladder of an agreement `a` at a usage point `u` begins: that of the
/// usage point's supply, or, where somebody else was supplied before, the account's own first day.
macro_rules! opened_on {
    () => {
        "COALESCE((SELECT MIN(o.valid_from) FROM agreement o
                    WHERE o.org = a.org AND o.usage_point = a.usage_point AND o.account = a.account
                      AND o.valid_from <= a.valid_from
                      AND EXISTS (SELECT 1 FROM agreement e
                                   WHERE e.org = o.org AND e.usage_point = o.usage_point
                                     AND e.account <> o.account AND e.valid_from < o.valid_from)),
                  u.opened_on)"
    };
}
pub(crate) use opened_on;

store::statements! {
    /// Usage point, first day and first day after of every agreement.
    all agreement_spans(org: Id) -> (Id, Date, Option<Date>) =
        "SELECT usage_point, valid_from, valid_to FROM agreement WHERE org = $1
          ORDER BY usage_point, valid_from";
    /// One agreement.
    optional agreement_by_id(org: Id, id: Id) -> AgreementRow =
        "SELECT id, org, account, usage_point, tariff_code, valid_from, valid_to, capacity_ukva,
                contract_demand_ukw, basic_charge, family_of_five, low_income,
                created_at, created_by, ended_reason, version
           FROM agreement WHERE org = $1 AND id = $2";
    /// The agreements of an account, newest first.
    all agreements_of_account(org: Id, account: Id) -> AgreementRow =
        "SELECT id, org, account, usage_point, tariff_code, valid_from, valid_to, capacity_ukva,
                contract_demand_ukw, basic_charge, family_of_five, low_income,
                created_at, created_by, ended_reason, version
           FROM agreement WHERE org = $1 AND account = $2 ORDER BY valid_from DESC, id";
    /// The agreements of a usage point, newest first.
    all agreements_of_usage_point(org: Id, usage_point: Id) -> AgreementRow =
        "SELECT id, org, account, usage_point, tariff_code, valid_from, valid_to, capacity_ukva,
                contract_demand_ukw, basic_charge, family_of_five, low_income,
                created_at, created_by, ended_reason, version
           FROM agreement WHERE org = $1 AND usage_point = $2 ORDER BY valid_from DESC, id";
    /// Whether a usage point has an agreement that reaches into `[from, …)`.
    optional agreement_from(org: Id, usage_point: Id, from: Date) -> (Id, Date) =
        "SELECT id, valid_from FROM agreement
          WHERE org = $1 AND usage_point = $2 AND (valid_to IS NULL OR valid_to > $3)
          ORDER BY valid_from LIMIT 1";
    /// Ends an agreement that runs, if nobody changed it meanwhile.
    run end_agreement(org: Id, id: Id, valid_to: Date, reason: &str, version: i64) =
        "UPDATE agreement SET valid_to = $3, ended_reason = $4, version = version + 1
          WHERE org = $1 AND id = $2 AND version = $5 AND valid_to IS NULL";
    /// The first day of a usage point that no issued bill covers; none when nothing is billed.
    optional billed_to(org: Id, usage_point: Id) -> String =
        "SELECT period_to FROM bill
          WHERE org = $1 AND usage_point = $2 AND state = 'issued'
          ORDER BY period_to DESC LIMIT 1";
}
