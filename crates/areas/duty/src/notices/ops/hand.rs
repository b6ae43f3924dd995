//! What people do by hand: exceptions, and how a person wants to be told.

use access::{Ctx, Right};
use kernel::Id;
use serde_json::json;
use store::Tx;

use super::emit;
use crate::notices::{
    ItemRow, ItemState, NoticeError, Route,
    jobs::job_of,
    rules::{Preference, pack_routes},
    store::{item, item_reached, item_rerouted, put_preference, put_wait},
};

/// Somebody told the person by hand; the words say how.
///
/// # Errors
/// [`NoticeError::State`] when it is no exception, [`NoticeError::Invalid`] without words, denied.
pub async fn resolve(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, notice, person): (Id, Id, Id),
    words: &str,
) -> Result<(), NoticeError> {
    ctx.require(Right::NoticeSend, org)?;
    let words = words.trim();
    if words.is_empty() {
        return Err(NoticeError::Invalid("say how the person was told"));
    }
    exception(tx, (org, notice, person)).await?;
    let now = tx.now();
    item_reached(tx, notice, person, ItemState::Delivered, now).await?;
    let payload = json!({ "person": person, "words": words });
    emit(ctx, tx, (org, notice), "duty.exception_resolved", payload).await
}

/// Gives an exception other routes and sends it again.
///
/// # Errors
/// [`NoticeError::State`] when it is no exception, [`NoticeError::Invalid`] without a route, denied.
pub async fn reroute(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, notice, person): (Id, Id, Id),
    routes: &[Route],
) -> Result<(), NoticeError> {
    ctx.require(Right::NoticeSend, org)?;
    let Some(first) = routes.first() else {
        return Err(NoticeError::Invalid("name a channel and an address"));
    };
    exception(tx, (org, notice, person)).await?;
    item_rerouted(tx, notice, person, &pack_routes(routes), first.channel).await?;
    let now = tx.now();
    put_wait(tx, notice, person, first.channel, org, now).await?;
    tx.nudge(job_of(first.channel)).await?;
    let payload = json!({ "person": person, "channel": first.channel });
    emit(ctx, tx, (org, notice), "duty.exception_rerouted", payload).await
}

async fn exception(
    tx: &mut Tx,
    (org, notice, person): (Id, Id, Id),
) -> Result<ItemRow, NoticeError> {
    let row = item(tx, notice, person).await?.filter(|row| row.org == org);
    let row = row.ok_or(NoticeError::NotFound("message"))?;
    match row.state {
        ItemState::Exception => Ok(row),
        _ => Err(NoticeError::State("this person is no longer on the list of exceptions")),
    }
}

/// Writes down how a person wants to be told.
///
/// # Errors
/// Denied; a customer may do so for their own account.
pub async fn set_preference(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, account, person): (Id, Id, Id),
    wish: &Preference,
) -> Result<(), NoticeError> {
    ctx.require_own(Right::NoticeSend, org, account)?;
    let words = |list: Vec<&str>| list.join(",");
    let channels = words(wish.channels.iter().map(|one| one.word()).collect());
    let unwanted = words(wish.unwanted.iter().map(|one| one.word()).collect());
    let time = |time: kernel::Time| time.strftime("%H:%M").to_string();
    let (from, to) = (wish.quiet.map(|q| time(q.0)), wish.quiet.map(|q| time(q.1)));
    put_preference(tx, person, org, &channels, from.as_deref(), to.as_deref(), &unwanted).await?;
    Ok(())
}
