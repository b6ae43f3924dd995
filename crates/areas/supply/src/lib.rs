//! What the company supplies and what it charges for it: agreements, meters, readings,
//! settlement, bills and the ledger. Rules, SQL and operations; no HTTP and no HTML. It never
//! imports another area beside `access` and `registry`.

pub mod billing;
pub mod ledger;

/// The area's tables.
pub const MIGRATIONS: &[store::Migration] = store::migrations!(
    "supply": "0001_agreements_and_tariffs", "0002_meters", "0003_readings", "0004_settlement",
    "0005_billing", "0006_ledger",
);
