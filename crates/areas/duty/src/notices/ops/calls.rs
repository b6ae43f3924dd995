//! Recorded calls (录音电话): a list of calls that people make. A call is done only with its recording
//! and the name of who confirmed.

use access::{Ctx, Right};
use kernel::Id;
use serde_json::json;
use store::Tx;

use super::{answer::fall_back, emit};
use crate::{
    NoticeRules,
    notices::{
        CallRow, ItemState, NoticeError, SendState,
        store::{call_by_send, count_call, finish_call, item, item_reached, send_answered},
    },
};

/// What proves a call.
#[derive(Debug, Clone, Copy)]
pub struct CallProof<'a> {
    /// Where the recording is found.
    pub recording: &'a str,
    /// Who confirmed.
    pub answered_by: &'a str,
    /// What was said besides, for example a medical need.
    pub note: &'a str,
}

/// Ends a call that reached somebody who confirmed.
///
/// # Errors
/// [`NoticeError::Invalid`] without recording or name, [`NoticeError::State`] when it is ended
/// already, [`NoticeError::NotFound`], denied.
pub async fn complete_call(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, send): (Id, Id),
    proof: CallProof<'_>,
) -> Result<(), NoticeError> {
    ctx.require(Right::NoticeSend, org)?;
    let (recording, name) = (proof.recording.trim(), proof.answered_by.trim());
    if recording.is_empty() || name.is_empty() {
        return Err(NoticeError::Invalid(
            "name the recording and who confirmed: a call without them proves nothing",
        ));
    }
    let call = open_call(tx, org, send).await?;
    let (now, by) = (tx.now(), ctx.actor_name());
    let (recording, name) = (Some(recording), Some(name));
    finish_call(tx, send, "done", recording, name, proof.note.trim(), now, by).await?;
    send_answered(tx, send, SendState::Acknowledged, None, None, Some(now)).await?;
    let row = item(tx, call.notice, call.person).await?;
    if row.is_some_and(|row| row.state != ItemState::Superseded) {
        item_reached(tx, call.notice, call.person, ItemState::Acknowledged, now).await?;
    }
    let payload = json!({ "person": call.person, "note": proof.note.trim() });
    emit(ctx, tx, (org, call.notice), "duty.call_confirmed", payload).await
}

/// Writes down that nobody answered; after as many times as the policy says, the next channel is
/// tried.
///
/// # Errors
/// [`NoticeError::State`] when it is ended already, [`NoticeError::NotFound`], denied.
pub async fn miss_call(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    rules: &NoticeRules,
    (org, send): (Id, Id),
    note: &str,
) -> Result<(), NoticeError> {
    ctx.require(Right::NoticeSend, org)?;
    let call = open_call(tx, org, send).await?;
    count_call(tx, send).await?;
    if call.attempts + 1 < i64::from(rules.policy.call_attempts) {
        return Ok(());
    }
    let (now, by) = (tx.now(), ctx.actor_name());
    finish_call(tx, send, "failed", None, None, note.trim(), now, by).await?;
    send_answered(tx, send, SendState::Failed, None, Some(note.trim()), None).await?;
    let row = item(tx, call.notice, call.person).await?;
    match row.filter(|row| row.send == Some(send) && row.state == ItemState::Sending) {
        Some(row) => fall_back(tx, rules, &row, "no_answer").await,
        None => Ok(()),
    }
}

async fn open_call(tx: &mut Tx, org: Id, send: Id) -> Result<CallRow, NoticeError> {
    tx.lock("notice_call", send).await?;
    let call = call_by_send(tx, org, send).await?.ok_or(NoticeError::NotFound("call"))?;
    if call.state == "open" {
        Ok(call)
    } else {
        Err(NoticeError::State("this call is ended already"))
    }
}
