//! What the company supplies and what it charges for it: agreements, meters, readings,
//! settlement, bills and the ledger. Rules, SQL and operations; no HTTP and no HTML. It never
//! imports another area beside `access` and `registry`.

pub mod agreements;
pub mod alerts;
pub mod backup;
pub mod billing;
pub mod bulletins;
pub mod digest;
pub mod field;
pub mod intake;
pub mod ledger;
pub mod metering_rules;
pub mod meters;
pub mod orders;
pub mod readings;
pub mod requests;
pub mod settlement;
pub mod sheet;
pub mod tariffs;
mod trail;
pub mod upkeep;
pub mod verify;
mod works;

pub(crate) use trail::{audit, deed};
pub use works::{AreaRules, BillingTerms, ReadingTargets, RulesError, Works, blocking, count_file};

/// The area's tables.
pub const MIGRATIONS: &[store::Migration] = store::migrations!(
    "supply": "0001_agreements_and_tariffs", "0002_meters", "0003_readings", "0004_settlement",
    "0005_billing", "0006_ledger", "0007_terms_due", "0008_bill_evidence", "0009_intake",
    "0010_meter_communication", "0011_bulletins", "0012_meter_orders", "0013_reading_alerts",
    "0014_reading_requests", "0015_bill_months", "0016_alert_photo",
);

/// Every typed statement of the area, for the test that prepares them all.
pub const STATEMENTS: &[&[store::Statement]] = &[
    agreements::STATEMENTS,
    alerts::STATEMENTS,
    billing::STATEMENTS,
    bulletins::STATEMENTS,
    digest::STATEMENTS,
    field::STATEMENTS,
    intake::STATEMENTS,
    ledger::STATEMENTS,
    meters::STATEMENTS,
    orders::STATEMENTS,
    readings::STATEMENTS,
    requests::STATEMENTS,
    settlement::STATEMENTS,
    tariffs::STATEMENTS,
    upkeep::STATEMENTS,
];

#[cfg(test)]
mod tests {
    use store::testing::{TestDb, check_statements};

    /// The area's tables with those of the areas below it.
    pub(crate) fn migrations() -> Vec<store::Migration> {
        [registry::MIGRATIONS, super::MIGRATIONS].concat()
    }

    #[test]
    fn every_statement_fits_both_engines() {
        TestDb::each(&migrations(), async |test| {
            check_statements(&test.db, super::STATEMENTS).await;
        });
    }
}
