//! A channel takes messages in hand: as many as its pace allows, safety first, each written out.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Id, Instant};
use serde_json::{Map, Value as Json};
use store::{OnConflict, Tx};

use crate::{
    NoticeRules,
    notices::{
        Channel, ItemRow, ItemState, NoticeError, NoticeRow, Outgoing, SendRow, SendState,
        rules::{Templates, unpack_routes},
        store::{
            advance_batch, end_batch, end_wait, item, item_ended, item_sending, items_queued,
            next_batch, notice_by_id, preference_of, put_wait, sends_since, sends_to_person,
            waits_due,
        },
    },
};

/// The pace of a channel holds over so many seconds.
const WINDOW_S: i64 = 5;
const DAY_S: i64 = 86_400;

/// What a channel took in hand.
#[derive(Debug, Default)]
pub(in crate::notices) struct Claimed {
    /// Messages to send.
    pub messages: Vec<Outgoing>,
    /// Whether there was anything to look at, so that it is worth asking again.
    pub is_more: bool,
}

/// A notice with what its texts are made of.
struct Open {
    notice: NoticeRow,
    templates: Arc<Templates>,
    variables: Map<String, Json>,
}

struct Claim<'a> {
    rules: &'a NoticeRules,
    channel: Channel,
    now: Instant,
    open: BTreeMap<Id, Open>,
    sends: Vec<SendRow>,
    messages: Vec<Outgoing>,
}

/// Takes up to `limit` messages in hand.
pub(in crate::notices) async fn claim(
    tx: &mut Tx,
    rules: &NoticeRules,
    channel: Channel,
    limit: i64,
) -> Result<Claimed, NoticeError> {
    let place = Channel::ALL.iter().position(|one| *one == channel).unwrap_or(0);
    tx.lock("notice_channel", Id::from_i64(i64::try_from(place).unwrap_or(0))).await?;
    let now = tx.now();
    let lately = sends_since(tx, channel, now.plus_seconds(-WINDOW_S)).await?;
    let mut left = limit.min(rules.policy.rate(channel).saturating_mul(WINDOW_S) - lately);
    let (open, sends, messages) = (BTreeMap::new(), Vec::new(), Vec::new());
    let mut claim = Claim { rules, channel, now, open, sends, messages };
    let mut is_more = false;
    if left > 0 {
        let due = waits_due(tx, channel, now, left).await?;
        is_more |= !due.is_empty();
        for wait in due {
            end_wait(tx, wait.notice, wait.person).await?;
            let Some(row) = item(tx, wait.notice, wait.person).await? else { continue };
            if row.state == ItemState::Queued && row.channel == channel.word() {
                claim.take(tx, row).await?;
                left -= 1;
            }
        }
    }
    while left > 0 {
        let Some(batch) = next_batch(tx, channel, now).await? else { break };
        is_more = true;
        let rows = items_queued(tx, batch.notice, channel, batch.after_person, left).await?;
        let last = rows.last().map(|row| row.person);
        let is_through = i64::try_from(rows.len()).unwrap_or(i64::MAX) < left;
        for row in rows {
            claim.take(tx, row).await?;
            left -= 1;
        }
        match last {
            Some(last) if !is_through => {
                advance_batch(tx, batch.notice, channel, last).await?;
            }
            _ => {
                end_batch(tx, batch.notice, channel).await?;
            }
        }
    }
    tx.insert_all("notice_send", &claim.sends, OnConflict::Fail).await?;
    Ok(Claimed { messages: claim.messages, is_more })
}

/// Writes a message out again for an attempt that is made again under its id.
pub(in crate::notices) async fn write_again(
    tx: &mut Tx,
    rules: &NoticeRules,
    send: &SendRow,
) -> Result<Option<Outgoing>, NoticeError> {
    let Some(row) = item(tx, send.notice, send.person).await? else { return Ok(None) };
    let now = tx.now();
    let (open, sends, messages) = (BTreeMap::new(), Vec::new(), Vec::new());
    let mut claim = Claim { rules, channel: send.channel, now, open, sends, messages };
    let open = claim.open(tx, row.notice).await?;
    Ok(open.write(&row, send.id, send.address.clone()).ok())
}

impl Claim<'_> {
    async fn open(&mut self, tx: &mut Tx, notice: Id) -> Result<&Open, NoticeError> {
        if !self.open.contains_key(&notice) {
            let row = notice_by_id(tx, notice).await?.ok_or(NoticeError::NotFound("notice"))?;
            let templates = self.rules.stored(tx, row.template).await?;
            let unread =
                |e: serde_json::Error| NoticeError::Corrupt { notice, reason: e.to_string() };
            let variables = serde_json::from_str(&row.variables).map_err(unread)?;
            self.open.insert(notice, Open { notice: row, templates, variables });
        }
        self.open.get(&notice).ok_or(NoticeError::NotFound("notice"))
    }

    async fn take(&mut self, tx: &mut Tx, row: ItemRow) -> Result<(), NoticeError> {
        let is_safety = self.open(tx, row.notice).await?.notice.is_safety;
        if !is_safety && self.is_held_back(tx, &row).await? {
            return Ok(());
        }
        let routes = unpack_routes(&row.routes);
        let place = usize::try_from(row.route).unwrap_or(usize::MAX);
        let Some(route) = routes.into_iter().nth(place) else {
            item_ended(tx, row.notice, row.person, ItemState::Exception, "no_contact").await?;
            return Ok(());
        };
        let (send, address) = (tx.next_id(), route.address);
        let written = self.open(tx, row.notice).await?.write(&row, send, address.clone());
        let message = match written {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(notice = %row.notice, %error, "a message cannot be written");
                item_ended(tx, row.notice, row.person, ItemState::Exception, "no_text").await?;
                return Ok(());
            }
        };
        if item_sending(tx, row.notice, row.person, send).await? == 0 {
            return Ok(());
        }
        self.sends.push(SendRow {
            id: send,
            org: row.org,
            notice: row.notice,
            person: row.person,
            channel: self.channel,
            address,
            state: SendState::Sending,
            provider_ref: None,
            detail: None,
            claimed_at: self.now,
            sent_at: None,
        });
        self.messages.push(message);
        Ok(())
    }

    /// Quiet hours may have begun since it was queued, and a person may have had enough for a day.
    async fn is_held_back(&self, tx: &mut Tx, row: &ItemRow) -> Result<bool, NoticeError> {
        let own = preference_of(tx, row.person).await?.and_then(|row| row.read().quiet);
        let policy = &self.rules.policy;
        let until = policy.after_quiet(self.channel, own, &self.rules.zone, self.now);
        if until > self.now {
            put_wait(tx, row.notice, row.person, self.channel, row.org, until).await?;
            return Ok(true);
        }
        let since = self.now.plus_seconds(-DAY_S);
        if sends_to_person(tx, row.person, since).await? >= i64::from(policy.person_day) {
            item_ended(tx, row.notice, row.person, ItemState::Withheld, "daily_limit").await?;
            return Ok(true);
        }
        Ok(false)
    }
}

impl Open {
    fn write(&self, row: &ItemRow, send: Id, address: String) -> Result<Outgoing, NoticeError> {
        let key = (self.notice.kind, self.notice.stage);
        let written = self.templates.render(key, row.language, &self.variables, &row.own)?;
        Ok(Outgoing {
            send,
            org: row.org,
            notice: row.notice,
            person: row.person,
            address,
            language: row.language,
            subject: written.subject,
            text: written.text,
            variables: Json::Object(self.variables.clone()),
        })
    }
}
