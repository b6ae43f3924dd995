//! Agreements (供用电合同): what a usage point is supplied and billed under, for a half-open range
//! of days. Table: `agreement`. Invariants: a usage point has at most one agreement on any day; a
//! change ends one row and starts the next on the same day; rows in force are never edited.

mod error;
mod jobs;
mod model;
mod ops;
mod queries;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use error::AgreementError;
pub use jobs::{HandOver, hand_over};
pub use model::{BasicCharge, NewAgreement};
pub use ops::{change, end, load, load_each, open};
pub use queries::ladder_from;
pub use rules::{ListedAgreement, read_agreements};
pub(crate) use store::opened_on;
pub use store::{
    AgreementRow, STATEMENTS, agreement_by_id, agreements_of_account, agreements_of_usage_point,
};
