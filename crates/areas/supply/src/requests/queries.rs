//! Lists of requests.

use kernel::Id;
use store::{Page, Paged, Tx};

use super::{
    RequestError,
    store::{RequestRow, requests},
};

/// A page of requests, newest first; an empty purpose or state means all.
///
/// # Errors
/// When the database does not answer.
pub async fn request_list(
    tx: &mut Tx,
    org: Id,
    (purpose, state): (&str, &str),
    page: &Page,
) -> Result<Paged<RequestRow>, RequestError> {
    let rows = requests(tx, org, purpose, state, page.before(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.id, String::new())))
}
