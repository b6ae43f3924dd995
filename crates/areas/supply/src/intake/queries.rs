//! What the pages show of files.

use kernel::Id;
use store::{Page, Paged, Tx};

use super::{
    IntakeError,
    store::{FaultRow, FileRow, faults_after, files_before},
};

/// The files of an organisation, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn newest(tx: &mut Tx, org: Id, part: &Page) -> Result<Paged<FileRow>, IntakeError> {
    let found = files_before(tx, org, part.before(), part.limit()).await?;
    Ok(part.cut(found, |row| (row.id, String::new())))
}

/// What is wrong with a file, in the order of its lines.
///
/// # Errors
/// When the database does not answer.
pub async fn faults(
    tx: &mut Tx,
    org: Id,
    file: Id,
    part: &Page,
) -> Result<Paged<FaultRow>, IntakeError> {
    let found = faults_after(tx, org, file, part.after(), part.limit()).await?;
    Ok(part.cut(found, |row| (row.id, String::new())))
}
