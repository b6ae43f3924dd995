//! Whose terms become different on which day, noted by whoever changes them.

use kernel::{Date, Id};
use store::{OnConflict, StoreError, Tx};

use crate::settlement::store::TermsDueRow;

/// Notes that the terms of usage points become different on a day: an agreement or a meter begins
/// or ends there. Belongs into the transaction of the change; noting too much costs a look.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn mark_terms(
    tx: &mut Tx,
    org: Id,
    changes: impl IntoIterator<Item = (Id, Date)>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = changes
        .into_iter()
        .map(|(usage_point, day)| TermsDueRow {
            id: tx.next_id(),
            org,
            day,
            usage_point,
            run: None,
        })
        .collect();
    tx.insert_all("terms_due", &rows, OnConflict::Fail).await?;
    Ok(())
}
