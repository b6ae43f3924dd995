//! Booking. Whoever calls has checked the right to do what the transfer stands for.

use std::collections::BTreeMap;

use kernel::{Currency, Id, QuantityError};
use store::{OnConflict, Tx};

use super::{
    LedgerError, Party, Transfer,
    store::{TransferRow, add_to_account, transfer},
};

/// Books transfers whose ids are all new; one that exists already fails the whole.
///
/// # Errors
/// [`LedgerError::IdReused`] with the first id when any exists already; nothing is booked then,
/// provided that the caller gives the transaction up.
pub async fn post(tx: &mut Tx, org: Id, transfers: &[Transfer]) -> Result<(), LedgerError> {
    let Some(first) = transfers.first() else { return Ok(()) };
    let rows = transfers.iter().map(|t| row(tx, org, t)).collect::<Result<Vec<_>, _>>()?;
    let inserted = tx.insert_all("ledger_transfer", &rows, OnConflict::Keep).await?;
    if usize::try_from(inserted).ok() != Some(rows.len()) {
        return Err(LedgerError::IdReused(first.id.clone()));
    }
    for ((party, currency), (debits, credits)) in sums(transfers)? {
        let (code, owner) = (party.code.word(), party.owner_key());
        add_to_account(tx, org, code, owner, currency, debits, credits).await?;
    }
    Ok(())
}

/// Books a transfer, or finds that it is booked already. Returns whether it was new.
///
/// # Errors
/// [`LedgerError::IdReused`] when the id stands for another transfer.
pub async fn post_once(tx: &mut Tx, org: Id, asked: &Transfer) -> Result<bool, LedgerError> {
    let wanted = row(tx, org, asked)?;
    let Some(found) = transfer(tx, org, &asked.id).await? else {
        post(tx, org, std::slice::from_ref(asked)).await?;
        return Ok(true);
    };
    let same = TransferRow { booked_at: found.booked_at, memo: found.memo.clone(), ..wanted };
    if found == same { Ok(false) } else { Err(LedgerError::IdReused(asked.id.clone())) }
}

fn row(tx: &Tx, org: Id, transfer: &Transfer) -> Result<TransferRow, LedgerError> {
    if transfer.amount.units() <= 0 {
        return Err(LedgerError::NotPositive(transfer.id.clone()));
    }
    Ok(TransferRow {
        org: org.get(),
        id: transfer.id.clone(),
        debit_code: transfer.debit.code.word().to_owned(),
        debit_owner: transfer.debit.owner_key(),
        credit_code: transfer.credit.code.word().to_owned(),
        credit_owner: transfer.credit.owner_key(),
        amount_units: transfer.amount.units(),
        currency: transfer.amount.currency().code().to_owned(),
        subject: transfer.subject,
        memo: transfer.memo.clone(),
        booked_on: transfer.booked_on,
        booked_at: tx.now(),
    })
}

type Sums = BTreeMap<(Party, &'static str), (i64, i64)>;

/// Debits and credits by account, in a fixed order so that two bookings never wait for each other
/// in a circle.
fn sums(transfers: &[Transfer]) -> Result<Sums, QuantityError> {
    let mut sums = Sums::new();
    let add = |sum: &mut i64, units: i64| {
        *sum = sum.checked_add(units).ok_or(QuantityError::Overflow("sum of transfers"))?;
        Ok::<(), QuantityError>(())
    };
    for transfer in transfers {
        let currency = Currency::code(transfer.amount.currency());
        let units = transfer.amount.units();
        add(&mut sums.entry((transfer.debit, currency)).or_default().0, units)?;
        add(&mut sums.entry((transfer.credit, currency)).or_default().1, units)?;
    }
    Ok(sums)
}
