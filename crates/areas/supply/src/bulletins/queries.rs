//! Lists of bulletins.

use kernel::Id;
use store::{Page, Paged, Tx};

use super::{
    BulletinError,
    store::{BulletinRow, bulletins},
};

/// A page of bulletins, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn bulletin_list(
    tx: &mut Tx,
    org: Id,
    page: &Page,
) -> Result<Paged<BulletinRow>, BulletinError> {
    let rows = bulletins(tx, org, page.before(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.id, String::new())))
}
