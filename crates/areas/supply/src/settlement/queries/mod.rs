//! What a settlement stands on: the files of the lake that count, and the terms of a day.

mod catalogue;
mod terms;

use kernel::Id;
use store::Tx;

use super::{SettlementError, store::settling_organisation_rows};

pub use catalogue::{files_between, further, reach};
pub(super) use terms::lake_row;
pub use terms::{Terms, day_terms, share_of_ladder, share_until, whole_terms};

/// The organisations that have begun to settle.
///
/// # Errors
/// When the database does not answer.
pub async fn settling_organisations(tx: &mut Tx) -> Result<Vec<Id>, SettlementError> {
    Ok(settling_organisation_rows(tx).await?.into_iter().map(|(org,)| org).collect())
}
