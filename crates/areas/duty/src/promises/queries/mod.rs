//! What screens, exports and other areas read of promises.

mod books;

use access::{Ctx, Right};
use kernel::{Id, Instant, InstantPeriod};
use store::{Page, Paged, Tx};

pub(super) use books::nearest;
pub use books::{Book, Books};

pub use super::store::BoardRow;
use super::{
    PauseRow, PromiseError, PromiseRow, StepRow,
    store::{
        board as board_rows, pauses_of, promise_by_id, promises_about, promises_standing,
        promises_unanswered, steps_of,
    },
};

/// A promise with its whole story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromiseStory {
    /// The promise.
    pub promise: PromiseRow,
    /// The rule that it is under, with source and words.
    pub rule: promise::Rule,
    /// When its clock stood still.
    pub pauses: Vec<PauseRow>,
    /// What followed.
    pub steps: Vec<StepRow>,
}

/// Which promises of a unit a list shows.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// The unit.
    pub org: Id,
    /// The rule's stable name; empty: any.
    pub rule_id: &'a str,
    /// `kept`, `at_risk`, `broken`, `on_track`, `paused`, `withdrawn`; empty: any.
    pub standing: &'a str,
    /// When they were opened.
    pub opened: InstantPeriod,
}

/// Kept, at risk and broken by unit and rule, of promises opened in a period at an organisation
/// and below. Its figures are the lengths of [`listed`].
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn board(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    opened: InstantPeriod,
) -> Result<Vec<BoardRow>, PromiseError> {
    ctx.require(Right::PromiseRead, org)?;
    let (from, to, now) = (opened.from(), end(opened), tx.now());
    Ok(board_rows(tx, org, from, to, now).await?)
}

/// A page of the promises behind a figure of the board, the earliest deadline first.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn listed(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    filter: Filter<'_>,
    page: &Page,
) -> Result<Paged<PromiseRow>, PromiseError> {
    ctx.require(Right::PromiseRead, filter.org)?;
    let now = tx.now();
    let rows = promises_standing(
        tx,
        filter.org,
        filter.rule_id,
        filter.standing,
        filter.opened.from(),
        end(filter.opened),
        now,
        page.after_text().parse().unwrap_or(i64::MIN),
        page.after(),
        page.limit(),
    )
    .await?;
    Ok(page.cut(rows, |row| (row.id, row.due_at.map_or(i64::MAX, Instant::micros).to_string())))
}

/// A page of the breaches of a unit that somebody still has to answer for, oldest first.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn unanswered(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    page: &Page,
) -> Result<Paged<PromiseRow>, PromiseError> {
    ctx.require(Right::PromiseRead, org)?;
    let rows = promises_unanswered(tx, org, page.after(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.id, String::new())))
}

/// One promise with its rule, pauses and steps.
///
/// # Errors
/// [`PromiseError::NotFound`], denied.
pub async fn story(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, id): (Id, Id),
) -> Result<PromiseStory, PromiseError> {
    ctx.require(Right::PromiseRead, org)?;
    let promise = promise_by_id(tx, org, id).await?.ok_or(PromiseError::NotFound)?;
    let rule = super::ops::rule_of(tx, &promise).await?;
    let (pauses, steps) = (pauses_of(tx, id).await?, steps_of(tx, id).await?);
    Ok(PromiseStory { promise, rule, pauses, steps })
}

/// Every promise about a thing, oldest first, for the page of that thing.
///
/// # Errors
/// When the database does not answer.
pub async fn about(
    tx: &mut Tx,
    (kind, subject): (&str, Id),
) -> Result<Vec<PromiseRow>, PromiseError> {
    Ok(promises_about(tx, kind, subject).await?)
}

/// The end of a period, or the end of time.
fn end(period: InstantPeriod) -> Instant {
    period.to().unwrap_or(Instant::from_micros(i64::MAX))
}
