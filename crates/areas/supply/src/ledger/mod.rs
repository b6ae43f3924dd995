//! The double-entry ledger: the one truth about money.
//!
//! Tables: `ledger_account`, `ledger_transfer`. Invariants: a transfer has one debit and one
//! credit of the same amount and is never changed; every account's sums equal those of its
//! transfers; a transfer id books once however often it is asked for. Corrections are new
//! transfers. What is *not* here: daily charges that are not billed yet live in the lake's state.

mod error;
mod model;
mod ops;
mod queries;
mod store;
#[cfg(test)]
mod tests;

pub use error::LedgerError;
pub use model::{AccountCode, Party, Transfer};
pub use ops::{post, post_once};
pub use queries::{Balance, Proof, balance, prove, statement_of_account};
pub use store::{STATEMENTS, TransferRow};
