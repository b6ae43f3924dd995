//! Making the digest.

use std::fmt::Write as _;

use kernel::Id;
use store::{StoreError, Tx};

use super::store::{bills, company_accounts, days, lines, receivables, transfer_count};

/// A digest and what it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Settled days.
    pub days: u64,
    /// Bills.
    pub bills: u64,
    /// Lines of bills.
    pub lines: u64,
    /// Transfers in the ledger.
    pub transfers: i64,
}

/// Hashes days, bills, lines and balances.
///
/// # Errors
/// When the database does not answer.
pub async fn digest(tx: &mut Tx, org: Id) -> Result<Digest, StoreError> {
    let mut text = String::new();
    let mut note = |row: std::fmt::Arguments<'_>| {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{row}");
        Ok::<(), StoreError>(())
    };
    let days = days(tx, org, |row| note(format_args!("day {row:?}"))).await?;
    let bills = bills(tx, org, |row| note(format_args!("bill {row:?}"))).await?;
    let lines = lines(tx, org, |row| note(format_args!("line {row:?}"))).await?;
    receivables(tx, org, |row| note(format_args!("owes {row:?}"))).await?;
    company_accounts(tx, org, |row| note(format_args!("account {row:?}"))).await?;
    let transfers = transfer_count(tx, org).await?;
    Ok(Digest { sha256: tariff::hash_text(&text), days, bills, lines, transfers })
}
