//! Reads of the ledger: balances, statements, and the proof that it agrees with itself.

use kernel::{Currency, Id, Instant, Money, QuantityError};
use store::Tx;

use super::{
    LedgerError, Party,
    store::{TransferRow, account, accounts_out_of_balance, transfers_of_owner, trial_balance},
};

/// What an account's debits exceed its credits by: for a receivable, what is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Debits minus credits.
    pub owed: Money,
}

/// The balance of one account; an account that was never used has none.
///
/// # Errors
/// When the database does not answer.
pub async fn balance(
    tx: &mut Tx,
    org: Id,
    party: Party,
    currency: Currency,
) -> Result<Balance, LedgerError> {
    let row = account(tx, org, party.code.word(), party.owner_key(), currency.code()).await?;
    let units = match row {
        Some(row) => row
            .debits_units
            .checked_sub(row.credits_units)
            .ok_or(QuantityError::Overflow("balance"))?,
        None => 0,
    };
    Ok(Balance { owed: Money::new(units, currency) })
}

/// The transfers of a customer account before an instant, newest first, at most `count`.
///
/// # Errors
/// When the database does not answer.
pub async fn statement_of_account(
    tx: &mut Tx,
    org: Id,
    owner: Id,
    before: Instant,
    count: i64,
) -> Result<Vec<TransferRow>, LedgerError> {
    Ok(transfers_of_owner(tx, org, owner, before, count).await?)
}

/// The result of the nightly proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Sums by account code and currency: code, currency, debits, credits.
    pub trial_balance: Vec<(String, String, i64, i64)>,
    /// Accounts whose sums are not those of their transfers: code, owner, currency.
    pub out_of_balance: Vec<(String, i64, String)>,
}

impl Proof {
    /// Whether debits equal credits in every currency and every account re-adds.
    #[must_use]
    pub fn holds(&self) -> bool {
        let mut currencies: Vec<&str> = self.trial_balance.iter().map(|r| r.1.as_str()).collect();
        currencies.dedup();
        let equal = currencies.iter().all(|currency| {
            let of = |side: fn(&(String, String, i64, i64)) -> i64| -> i128 {
                self.trial_balance
                    .iter()
                    .filter(|row| row.1 == *currency)
                    .map(|row| i128::from(side(row)))
                    .sum()
            };
            of(|row| row.2) == of(|row| row.3)
        });
        equal && self.out_of_balance.is_empty()
    }
}

/// Adds everything up again.
///
/// # Errors
/// When the database does not answer.
pub async fn prove(tx: &mut Tx, org: Id) -> Result<Proof, LedgerError> {
    Ok(Proof {
        trial_balance: trial_balance(tx, org).await?,
        out_of_balance: accounts_out_of_balance(tx, org).await?,
    })
}
