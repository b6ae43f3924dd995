//! What the worker does with notices: each channel on its own, so that one that does not answer
//! holds up no other; corrections; calls for people to make. All idempotent and bounded.

use access::Actor;
use store::{OnConflict, Tx};

use super::{
    Accepted, Answers, CallRow, Channel, NoticeError, Outgoing, SendRow, Sender,
    ops::{self, claim, correct, give_up_on, record, write_again},
    store::{records_due, send_again, sends_under_way},
};
use crate::Works;

/// Corrects what people heard of records that changed since.
pub const CORRECT: &str = "duty.correct";
/// Messages that a sender is handed at once.
const BATCH: i64 = 100;
/// The portal and the list of calls need no network.
const LOCAL_BATCH: i64 = 2_000;
/// One run hands over no more than so many batches, so that other work gets its turn.
const BATCHES_MAX: usize = 200;
/// Records corrected in one run.
const RECORDS_MAX: i64 = 100;

/// The job that sends what waits for a channel.
#[must_use]
pub const fn job_of(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "duty.send_sms",
        Channel::Email => "duty.send_email",
        Channel::Webhook => "duty.send_webhook",
        Channel::Portal => "duty.send_portal",
        Channel::Call => "duty.hand_out_calls",
    }
}

/// Messages in the customer portal: they are there as soon as they are written down.
#[derive(Debug, Clone, Copy)]
pub struct PortalBox;

impl Sender for PortalBox {
    fn channel(&self) -> Channel {
        Channel::Portal
    }

    fn is_repeatable(&self) -> bool {
        true
    }

    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Answers<'a> {
        let there = Accepted { provider_ref: None, is_delivered: true };
        Box::pin(async move { messages.iter().map(|_| Ok(there.clone())).collect() })
    }
}

/// Sends what waits for a sender's channel; how many messages it handed over.
///
/// A batch is written down as in hand before it is handed over, and what the provider answered
/// after: a process that dies between leaves messages in hand of which nobody knows. Senders that
/// may repeat get them again under the same ids; the others' are put before a person.
///
/// # Errors
/// When the database does not answer; what was committed stays.
pub async fn send(works: &Works, sender: &dyn Sender) -> Result<u64, NoticeError> {
    let rules = &works.notices;
    let mut sent = 0;
    let batch = if sender.channel() == Channel::Portal { LOCAL_BATCH } else { BATCH };
    for _ in 0..BATCHES_MAX {
        let mut tx = works.db.begin().await?;
        let mut messages = pick_up(&mut tx, works, sender, batch).await?;
        let mut is_more = !messages.is_empty();
        if messages.is_empty() {
            let claimed = claim(&mut tx, rules, sender.channel(), batch).await?;
            (messages, is_more) = (claimed.messages, claimed.is_more);
        }
        tx.commit().await?;
        if messages.is_empty() && !is_more {
            break;
        }
        let answers = sender.send(&messages).await;
        let mut tx = works.db.begin().await?;
        for (message, answer) in messages.iter().zip(&answers) {
            record(&mut tx, rules, message.send, answer, sender.is_repeatable()).await?;
        }
        tx.commit().await?;
        sent += u64::try_from(messages.len()).unwrap_or(u64::MAX);
        // Nobody answers: the messages wait, and so may the rest of the queue.
        if !answers.is_empty() && answers.iter().all(Result::is_err) {
            break;
        }
    }
    Ok(sent)
}

/// Messages that have been in hand for too long, to be sent again under their ids; those of a
/// sender that may not repeat are given up.
async fn pick_up(
    tx: &mut Tx,
    works: &Works,
    sender: &dyn Sender,
    limit: i64,
) -> Result<Vec<Outgoing>, NoticeError> {
    let now = tx.now();
    let before = now.plus_seconds(-i64::from(works.notices.policy.uncertain_s));
    let stuck: Vec<SendRow> = sends_under_way(tx, sender.channel(), before, limit).await?;
    let mut again = Vec::new();
    for send in stuck {
        let written = match sender.is_repeatable() {
            true => write_again(tx, &works.notices, &send).await?,
            false => None,
        };
        match written {
            Some(message) => {
                send_again(tx, send.id, now).await?;
                again.push(message);
            }
            None => give_up_on(tx, &send, "no answer was written down").await?,
        }
    }
    Ok(again)
}

/// Puts calls that wait on the list of those who make them; how many.
///
/// # Errors
/// When the database does not answer; what was committed stays.
pub async fn hand_out_calls(works: &Works) -> Result<u64, NoticeError> {
    let mut handed = 0;
    for _ in 0..BATCHES_MAX {
        let mut tx = works.db.begin().await?;
        let claimed = claim(&mut tx, &works.notices, Channel::Call, LOCAL_BATCH).await?;
        if claimed.messages.is_empty() && !claimed.is_more {
            break;
        }
        let now = tx.now();
        let calls: Vec<CallRow> = claimed
            .messages
            .iter()
            .map(|message| CallRow {
                send: message.send,
                org: message.org,
                notice: message.notice,
                person: message.person,
                phone: message.address.clone(),
                state: "open".to_owned(),
                attempts: 0,
                recording: None,
                answered_by: None,
                note: String::new(),
                created_at: now,
                done_at: None,
                done_by: None,
            })
            .collect();
        handed += tx.insert_all("notice_call", &calls, OnConflict::Fail).await?;
        tx.commit().await?;
    }
    Ok(handed)
}

/// Tells those who heard an older version of a record; how many people.
///
/// # Errors
/// When the database does not answer; what was committed stays.
pub async fn correct_all(works: &Works, actor: &Actor) -> Result<u64, NoticeError> {
    let ctx = works.ctx(actor, "correct");
    let mut told = 0;
    let mut tx = works.db.read().await?;
    let due = records_due(&mut tx, RECORDS_MAX).await?;
    drop(tx);
    for record in due {
        let mut tx = works.db.begin().await?;
        // It may have changed again since: what counts is what it says now.
        let now = ops::record_now(&mut tx, &record).await?;
        if let Some(record) = now {
            told += correct(&ctx, &mut tx, &works.notices, &record).await?;
        }
        tx.commit().await?;
    }
    Ok(told)
}
