//! The reconciler: brings every promise to the present at which something follows by time alone.

use access::{Actor, Ctx, Randomness};
use store::Db;

use super::{
    Books, PromiseError,
    ops::advance,
    store::{promise_by_id, promises_due},
};

/// Promises in one transaction.
const CHUNK: i64 = 200;
/// One run looks at no more than so many chunks, so that other work gets its turn.
const CHUNKS_MAX: usize = 500;

/// Warns, escalates and gives verdicts that are due. Idempotent and bounded; the number of
/// promises it looked at.
///
/// # Errors
/// When the database does not answer; what was committed stays.
pub async fn reconcile(
    db: &Db,
    random: &Randomness,
    actor: &Actor,
    books: &Books,
) -> Result<u64, PromiseError> {
    let ctx = Ctx::new(db.clock().as_ref(), random, actor, "reconcile");
    let mut seen = 0;
    for _ in 0..CHUNKS_MAX {
        let mut tx = db.begin().await?;
        let now = tx.now();
        let due = promises_due(&mut tx, now, CHUNK).await?;
        if due.is_empty() {
            break;
        }
        for row in due {
            tx.lock("promise", row.id).await?;
            // Another worker may have had it in hand meanwhile.
            let Some(row) = promise_by_id(&mut tx, row.org, row.id).await? else { continue };
            if row.next_at.is_none_or(|at| at > now) {
                continue;
            }
            advance(&ctx, &mut tx, books, row).await?;
            seen += 1;
        }
        tx.commit().await?;
    }
    Ok(seen)
}
