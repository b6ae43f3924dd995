//! What a provider answered, and what follows: told, tried again, tried otherwise, or put before a
//! person.

use store::Tx;

use super::report::{apply, one_at_a_time};
use crate::{
    NoticeRules,
    notices::{
        Accepted, Channel, ItemRow, ItemState, NoticeError, Refusal, SendRow, SendState,
        jobs::job_of,
        rules::unpack_routes,
        store::{
            claim_receipts, item, item_ended, item_queued, item_reached, notice_by_id, put_wait,
            receipts_before, send_answered, send_by_id, send_by_provider,
        },
    },
};

/// Writes down what a provider answered about an attempt.
pub(in crate::notices) async fn record(
    tx: &mut Tx,
    rules: &NoticeRules,
    send: kernel::Id,
    answer: &Result<Accepted, Refusal>,
    is_repeatable: bool,
) -> Result<(), NoticeError> {
    let send = send_by_id(tx, send).await?.ok_or(NoticeError::NotFound("message"))?;
    if send.state != SendState::Sending {
        // A report overtook the answer, or the attempt was given up meanwhile.
        return Ok(());
    }
    match answer {
        Ok(accepted) => accept(tx, rules, &send, accepted).await,
        Err(Refusal::Rejected(why)) => {
            send_answered(tx, send.id, SendState::Failed, None, Some(why), None).await?;
            let Some(row) = current(tx, &send).await? else { return Ok(()) };
            fall_back(tx, rules, &row, "refused").await
        }
        Err(Refusal::Unavailable(why)) => {
            send_answered(tx, send.id, SendState::Failed, None, Some(why), None).await?;
            let Some(row) = current(tx, &send).await? else { return Ok(()) };
            try_again(tx, rules, &row, send.channel).await
        }
        // It stays in hand and is sent again under its own id when its time is over.
        Err(Refusal::Uncertain(_)) if is_repeatable => Ok(()),
        Err(Refusal::Uncertain(why)) => give_up_on(tx, &send, why).await,
    }
}

/// Nobody knows whether it was told: a person decides, since telling twice is as wrong as not at
/// all.
pub(in crate::notices) async fn give_up_on(
    tx: &mut Tx,
    send: &SendRow,
    why: &str,
) -> Result<(), NoticeError> {
    send_answered(tx, send.id, SendState::Uncertain, None, Some(why), None).await?;
    if let Some(row) = current(tx, send).await? {
        item_ended(tx, row.notice, row.person, ItemState::Exception, "uncertain").await?;
    }
    Ok(())
}

async fn accept(
    tx: &mut Tx,
    rules: &NoticeRules,
    send: &SendRow,
    accepted: &Accepted,
) -> Result<(), NoticeError> {
    let now = tx.now();
    let (item_state, send_state) = match accepted.is_delivered {
        true => (ItemState::Delivered, SendState::Delivered),
        false => (ItemState::Sent, SendState::Sent),
    };
    let mut known = accepted.provider_ref.as_deref();
    if let Some(provider_ref) = known {
        one_at_a_time(tx, send.channel, provider_ref).await?;
        // A provider that counts from the beginning again would give reports to the wrong message.
        if send_by_provider(tx, send.channel, provider_ref).await?.is_some() {
            tracing::warn!(channel = %send.channel, provider_ref, "a provider's id came twice");
            known = None;
        }
    }
    send_answered(tx, send.id, send_state, known, None, Some(now)).await?;
    if let Some(row) = current(tx, send).await? {
        item_reached(tx, row.notice, row.person, item_state, now).await?;
    }
    let Some(provider_ref) = known else { return Ok(()) };
    // Reports may have come before this answer was written down.
    let early = receipts_before(tx, send.channel, provider_ref).await?;
    claim_receipts(tx, send.channel, provider_ref, send.id, send.org).await?;
    for receipt in early {
        apply(tx, rules, send.id, receipt.status, receipt.reported_at, &receipt.detail).await?;
    }
    Ok(())
}

/// The message of an attempt, when the attempt is still its latest.
pub(super) async fn current(tx: &mut Tx, send: &SendRow) -> Result<Option<ItemRow>, NoticeError> {
    let row = item(tx, send.notice, send.person).await?;
    Ok(row.filter(|row| row.send == Some(send.id)))
}

async fn try_again(
    tx: &mut Tx,
    rules: &NoticeRules,
    row: &ItemRow,
    channel: Channel,
) -> Result<(), NoticeError> {
    let tries = row.tries + 1;
    if tries >= i64::from(rules.policy.tries) {
        return fall_back(tx, rules, row, "not_answering").await;
    }
    item_queued(tx, row.notice, row.person, row.route, channel, tries).await?;
    let due_at = tx.now().plus_seconds(rules.policy.wait_s(tries));
    put_wait(tx, row.notice, row.person, channel, row.org, due_at).await?;
    Ok(())
}

/// The next route, or the list of exceptions.
pub(super) async fn fall_back(
    tx: &mut Tx,
    rules: &NoticeRules,
    row: &ItemRow,
    why: &str,
) -> Result<(), NoticeError> {
    let place = usize::try_from(row.route + 1).unwrap_or(usize::MAX);
    let Some(next) = unpack_routes(&row.routes).into_iter().nth(place) else {
        item_ended(tx, row.notice, row.person, ItemState::Exception, why).await?;
        return Ok(());
    };
    let notice = notice_by_id(tx, row.notice).await?.ok_or(NoticeError::NotFound("notice"))?;
    let now = tx.now();
    let due_at = match notice.is_safety {
        true => now,
        false => rules.policy.after_quiet(next.channel, None, &rules.zone, now),
    };
    item_queued(tx, row.notice, row.person, row.route + 1, next.channel, 0).await?;
    put_wait(tx, row.notice, row.person, next.channel, row.org, due_at).await?;
    tx.nudge(job_of(next.channel)).await?;
    Ok(())
}
