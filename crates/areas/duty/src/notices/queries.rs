//! What screens, exports and other areas read of notices.

use access::{Ctx, Right};
use kernel::Id;
use serde_json::{Map, Value as Json};
use store::{Page, Paged, Tx};

use super::{
    CallRow, CountRow, HeardRow, ItemRow, NoticeError, NoticeRow, SendRow,
    rules::Rendered,
    store::{
        calls_open, counts_of, exceptions_of, heard_of, item, items_of, items_of_person,
        notice_by_id, notices_about, notices_listed, sends_of, unconfirmed,
    },
};
use crate::NoticeRules;

/// The most people that [`who_has_not_confirmed`] names.
const UNCONFIRMED_MAX: i64 = 1_000;

/// The notices of an organisation and below, newest first.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn listed(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    page: &Page,
) -> Result<Paged<NoticeRow>, NoticeError> {
    ctx.require(Right::NoticeRead, org)?;
    let rows = notices_listed(tx, org, page.before(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.id, String::new())))
}

/// Every notice about a thing, oldest first, each with how its messages stand.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn about(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (kind, subject): (&str, Id),
) -> Result<Vec<(NoticeRow, Vec<CountRow>)>, NoticeError> {
    ctx.require(Right::NoticeRead, org)?;
    let mut all = Vec::new();
    for notice in notices_about(tx, org, kind, subject).await? {
        let counts = counts_of(tx, notice.id).await?;
        all.push((notice, counts));
    }
    Ok(all)
}

/// How the messages of a notice stand, by channel and state.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(tx: &mut Tx, notice: Id) -> Result<Vec<CountRow>, NoticeError> {
    Ok(counts_of(tx, notice).await?)
}

/// A page of the messages of a notice, by person.
///
/// # Errors
/// [`NoticeError::NotFound`], denied.
pub async fn messages(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, notice): (Id, Id),
    page: &Page,
) -> Result<Paged<ItemRow>, NoticeError> {
    ctx.require(Right::NoticeRead, org)?;
    of_org(tx, org, notice).await?;
    let rows = items_of(tx, notice, page.after(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.person, String::new())))
}

/// A page of what a person was sent, newest first; a customer reads their own.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn to_person(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, account, person): (Id, Id, Id),
    page: &Page,
) -> Result<Paged<ItemRow>, NoticeError> {
    ctx.require_own(Right::NoticeRead, org, account)?;
    let rows = items_of_person(tx, person, page.before(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.notice, String::new())))
}

/// The attempts of a message, oldest first.
///
/// # Errors
/// [`NoticeError::NotFound`], denied.
pub async fn attempts(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, notice, person): (Id, Id, Id),
) -> Result<Vec<SendRow>, NoticeError> {
    ctx.require(Right::NoticeRead, org)?;
    of_org(tx, org, notice).await?;
    Ok(sends_of(tx, notice, person).await?)
}

/// The text of a message as it was or will be told, written again from what is stored.
///
/// # Errors
/// [`NoticeError::NotFound`], denied; a customer reads their own.
pub async fn text_of(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    rules: &NoticeRules,
    (org, account): (Id, Id),
    (notice, person): (Id, Id),
) -> Result<Rendered, NoticeError> {
    ctx.require_own(Right::NoticeRead, org, account)?;
    let row = item(tx, notice, person).await?.ok_or(NoticeError::NotFound("message"))?;
    let notice = of_org(tx, org, notice).await?;
    let templates = rules.stored(tx, notice.template).await?;
    let unread =
        |e: serde_json::Error| NoticeError::Corrupt { notice: notice.id, reason: e.to_string() };
    let variables: Map<String, Json> = serde_json::from_str(&notice.variables).map_err(unread)?;
    templates.render((notice.kind, notice.stage), row.language, &variables, &row.own)
}

/// A page of who heard what of a thing, in which version, by person.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn who_heard_what(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (kind, subject): (&str, Id),
    after_person: Id,
    limit: i64,
) -> Result<Vec<HeardRow>, NoticeError> {
    ctx.require(Right::NoticeRead, org)?;
    Ok(heard_of(tx, org, kind, subject, after_person, limit.clamp(1, 1_000)).await?)
}

/// The people of a notice who did not confirm it yet: while there are any, an order that waits for
/// them stays locked.
///
/// # Errors
/// When the database does not answer.
pub async fn who_has_not_confirmed(tx: &mut Tx, notice: Id) -> Result<Vec<ItemRow>, NoticeError> {
    Ok(unconfirmed(tx, notice, UNCONFIRMED_MAX).await?)
}

/// The people whom nobody could tell, oldest notice first; give the last row's notice and person
/// for the next page.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn exceptions(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (after_notice, after_person): (Id, Id),
    limit: i64,
) -> Result<Vec<ItemRow>, NoticeError> {
    ctx.require(Right::NoticeRead, org)?;
    Ok(exceptions_of(tx, org, after_notice, after_person, limit.clamp(1, 1_000)).await?)
}

/// A page of the calls that somebody must make, oldest first.
///
/// # Errors
/// Denied, or the database does not answer.
pub async fn calls(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    page: &Page,
) -> Result<Paged<CallRow>, NoticeError> {
    ctx.require(Right::NoticeSend, org)?;
    let rows = calls_open(tx, org, page.after(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.send, String::new())))
}

async fn of_org(tx: &mut Tx, org: Id, notice: Id) -> Result<NoticeRow, NoticeError> {
    let row = notice_by_id(tx, notice).await?.filter(|row| row.org == org);
    row.ok_or(NoticeError::NotFound("notice"))
}
