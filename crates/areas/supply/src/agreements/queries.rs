//! What follows from the agreements of a usage point, for pages and other modules.

use kernel::{Date, Id};

use super::AgreementRow;

/// The day on which the yearly ladder of an account at a usage point begins: that of the usage
/// point's supply, or, where somebody else was supplied before, the account's own first day. The
/// statements of terms say the same in SQL.
#[must_use]
pub fn ladder_from(rows: &[AgreementRow], account: Id, opened_on: Date) -> Date {
    let others = rows.iter().filter(|row| row.account != account).map(|row| row.valid_from);
    let Some(first_other) = others.min() else { return opened_on };
    let own = rows.iter().filter(|row| row.account == account && row.valid_from > first_other);
    own.map(|row| row.valid_from).min().unwrap_or(opened_on)
}
