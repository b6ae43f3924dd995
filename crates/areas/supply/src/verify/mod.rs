//! Computing again what was settled and billed, from what is stored, and comparing (`verify`).
//! It changes nothing and owns no tables.

mod error;
mod jobs;
mod model;

pub use error::VerifyError;
pub use jobs::{verify_bills, verify_days, verify_ledger};
pub use model::{BillCheck, DayCheck};
