//! Publishing and withdrawing bulletins, telling one customer.

use access::{Ctx, Right};
use jiff::ToSpan;
use kernel::{Date, Id};
use serde_json::json;
use store::{OnConflict, Tx};

use super::{
    BulletinError, BulletinKind, Message, NewBulletin,
    store::{BulletinRow, MessageRow, bulletin_by_id, withdraw_bulletin},
};
use crate::{deed, metering_rules::BulletinRules};

const TITLE_MAX: usize = 100;
const BODY_MAX: usize = 2_000;

/// Publishes a bulletin. `today` is the business day on which it is published.
///
/// # Errors
/// [`BulletinError::TooSoon`] for a new reading day that is not announced a cycle ahead,
/// [`BulletinError::Field`], denied.
pub async fn publish(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    new: &NewBulletin,
    (today, rules): (Date, &BulletinRules),
) -> Result<Id, BulletinError> {
    ctx.require(Right::MeterWrite, org)?;
    for (field, text, max) in [
        ("title_zh", &new.title.0, TITLE_MAX),
        ("title_en", &new.title.1, TITLE_MAX),
        ("body_zh", &new.body.0, BODY_MAX),
        ("body_en", &new.body.1, BODY_MAX),
    ] {
        if text.trim().is_empty() || text.chars().count() > max {
            let reason = "write something, but not more than fits";
            return Err(BulletinError::Field { field, reason });
        }
    }
    let reading_day = match new.kind {
        BulletinKind::ReadingDay(day) => {
            if !(1..=28).contains(&day) {
                let reason = "a day that every month has: 1 to 28";
                return Err(BulletinError::Field { field: "reading_day", reason });
            }
            let ahead = rules.reading_day_notice_days.days();
            let earliest = today.checked_add(ahead).unwrap_or(Date::MAX);
            if new.effective_on < earliest {
                return Err(BulletinError::TooSoon { earliest, asked: new.effective_on });
            }
            Some(i64::from(day))
        }
        _ => None,
    };
    let row = BulletinRow {
        id: tx.next_id(),
        org,
        kind: new.kind.word().to_owned(),
        transformer_area: new.transformer_area.unwrap_or(Id::from_i64(0)),
        title_zh: new.title.0.trim().to_owned(),
        title_en: new.title.1.trim().to_owned(),
        body_zh: new.body.0.trim().to_owned(),
        body_en: new.body.1.trim().to_owned(),
        effective_on: new.effective_on,
        reading_day,
        published_at: tx.now(),
        published_by: ctx.actor_id(),
        withdrawn_at: None,
    };
    tx.insert("bulletin", &row).await?;
    let after =
        json!({ "kind": row.kind, "effective_on": row.effective_on, "reading_day": reading_day });
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("bulletin", row.id),
        "supply.bulletin_published",
        after,
    )
    .await?;
    Ok(row.id)
}

/// Takes a bulletin off the portal; it stays on record.
///
/// # Errors
/// [`BulletinError::NotFound`], also when it was withdrawn already; denied.
pub async fn withdraw(ctx: &Ctx<'_>, tx: &mut Tx, org: Id, id: Id) -> Result<(), BulletinError> {
    ctx.require(Right::MeterWrite, org)?;
    let row = bulletin_by_id(tx, org, id).await?.ok_or(BulletinError::NotFound)?;
    if withdraw_bulletin(tx, org, row.id, tx.now()).await? == 0 {
        return Err(BulletinError::NotFound);
    }
    deed(
        ctx,
        tx,
        (org, Right::MeterWrite),
        ("bulletin", id),
        "supply.bulletin_withdrawn",
        json!({ "withdrawn": true }),
    )
    .await?;
    Ok(())
}

/// Tells customers something, each once for one event. How many were told. It asks for no right of
/// its own: whoever does what customers are told of was asked for it.
///
/// # Errors
/// When the database refuses.
pub async fn tell(tx: &mut Tx, org: Id, messages: &[Message<'_>]) -> Result<u64, BulletinError> {
    let rows: Vec<MessageRow> = messages
        .iter()
        .map(|message| MessageRow {
            id: tx.next_id(),
            org,
            account: message.account,
            kind: message.kind.to_owned(),
            event: message.event,
            words_zh: message.zh.to_owned(),
            words_en: message.en.to_owned(),
            told_at: tx.now(),
        })
        .collect();
    Ok(tx.insert_all("customer_message", &rows, OnConflict::Keep).await?)
}
