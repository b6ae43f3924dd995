//! What providers and persons report about a message: each report counts once, in any order, and a
//! lower one never takes the place of a higher one.

use access::{Ctx, Right};
use kernel::{Id, Instant};
use serde_json::json;
use store::{Fact, OnConflict, Tx};

use super::answer::{current, fall_back};
use crate::{
    NoticeRules,
    notices::{
        Channel, ItemRow, ItemState, NoticeError, Receipt, Report, SendState,
        store::{ReceiptRow, item, item_reached, send_answered, send_by_id, send_by_provider},
    },
};

/// The longest answer that is kept, in characters.
const REPLY_MAX: usize = 5_000;

/// Takes a provider's report; whether it was new. One about a message that is not known yet is
/// kept for it. The door that calls this has made sure who reports.
///
/// # Errors
/// When the database does not answer.
pub async fn take_report(
    tx: &mut Tx,
    rules: &NoticeRules,
    report: Report<'_>,
) -> Result<bool, NoticeError> {
    if report.provider_ref.is_empty() || report.provider_ref.len() > 200 {
        return Err(NoticeError::Invalid("a report names its message in at most 200 characters"));
    }
    one_at_a_time(tx, report.channel, report.provider_ref).await?;
    let send = send_by_provider(tx, report.channel, report.provider_ref).await?;
    let row = ReceiptRow {
        channel: report.channel,
        provider_ref: report.provider_ref.to_owned(),
        status: report.receipt,
        org: send.as_ref().map_or(Id::from_i64(0), |send| send.org),
        send: send.as_ref().map(|send| send.id),
        detail: report.detail.chars().take(500).collect(),
        reported_at: report.at,
        received_at: tx.now(),
    };
    let rows = std::slice::from_ref(&row);
    if tx.insert_all("notice_receipt", rows, OnConflict::Keep).await? == 0 {
        return Ok(false);
    }
    if let Some(send) = send {
        apply(tx, rules, send.id, report.receipt, report.at, report.detail).await?;
    }
    Ok(true)
}

/// Lets the answer to a message and the reports about it be written one after the other: otherwise
/// each might look for the other before either is there, and the report would never count.
pub(super) async fn one_at_a_time(
    tx: &mut Tx,
    channel: Channel,
    provider_ref: &str,
) -> Result<(), NoticeError> {
    let space = format!("notice_report/{}/{provider_ref}", channel.word());
    Ok(tx.lock(&space, Id::from_i64(0)).await?)
}

/// Applies a report to its attempt and message.
pub(super) async fn apply(
    tx: &mut Tx,
    rules: &NoticeRules,
    send: Id,
    receipt: Receipt,
    at: Instant,
    detail: &str,
) -> Result<(), NoticeError> {
    let send = send_by_id(tx, send).await?.ok_or(NoticeError::NotFound("message"))?;
    let Some((reached, sent)) = receipt.states() else {
        // Who has the message has it, whatever is reported later.
        if !matches!(send.state, SendState::Sending | SendState::Sent) {
            return Ok(());
        }
        send_answered(tx, send.id, SendState::Failed, None, Some(detail), None).await?;
        let row = current(tx, &send).await?;
        return match row.filter(|row| matches!(row.state, ItemState::Sending | ItemState::Sent)) {
            Some(row) => fall_back(tx, rules, &row, "not_delivered").await,
            None => Ok(()),
        };
    };
    if rank(send.state) < reached.rank() {
        send_answered(tx, send.id, sent, None, None, Some(at)).await?;
    }
    // An older attempt may arrive after all: the person is told all the same.
    let row = item(tx, send.notice, send.person).await?;
    let is_news =
        |row: &ItemRow| row.state.rank() < reached.rank() && row.state != ItemState::Superseded;
    if let Some(row) = row.filter(is_news) {
        item_reached(tx, row.notice, row.person, reached, at).await?;
    }
    Ok(())
}

const fn rank(state: SendState) -> u8 {
    match state {
        SendState::Delivered => ItemState::Delivered.rank(),
        SendState::Read => ItemState::Read.rank(),
        SendState::Acknowledged => ItemState::Acknowledged.rank(),
        SendState::Sent => ItemState::Sent.rank(),
        _ => 0,
    }
}

/// A person read or confirmed a message in the portal, or told an agent so.
///
/// # Errors
/// [`NoticeError::NotFound`], [`NoticeError::Invalid`] for another kind of report, denied.
pub async fn acknowledge(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, account): (Id, Id),
    (notice, person): (Id, Id),
    receipt: Receipt,
) -> Result<(), NoticeError> {
    ctx.require_own(Right::NoticeSend, org, account)?;
    let reached = match receipt {
        Receipt::Read => ItemState::Read,
        Receipt::Acknowledged => ItemState::Acknowledged,
        _ => return Err(NoticeError::Invalid("a person reads or confirms a message")),
    };
    let row = item(tx, notice, person).await?.filter(|row| row.org == org);
    let row = row.ok_or(NoticeError::NotFound("message"))?;
    if row.state.rank() < reached.rank() && row.state != ItemState::Superseded {
        let now = tx.now();
        item_reached(tx, notice, person, reached, now).await?;
    }
    Ok(())
}

/// Keeps what a person answered to a message, for whoever waits for it (an objection to a plan, a
/// medical need). The answer is a fact; nothing of it is lost when nobody is listening yet.
///
/// # Errors
/// When the database does not answer.
pub async fn take_reply(
    tx: &mut Tx,
    channel: Channel,
    (from, to): (&str, &str),
    text: &str,
) -> Result<(), NoticeError> {
    let text: String = text.chars().take(REPLY_MAX).collect();
    let payload = json!({ "channel": channel, "from": from, "to": to, "text": text });
    let subject = tx.next_id();
    // Whose customer wrote is not known yet: whoever recognises the number finds out.
    let (org, kind) = (Id::from_i64(0), "duty.message_received");
    tx.emit(Fact { org, kind, subject, payload, actor: channel.word(), request: "" }).await?;
    Ok(())
}
