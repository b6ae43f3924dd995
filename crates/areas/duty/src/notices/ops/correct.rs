//! Brings everybody who heard an older version of a record to the true one, and tells the true one
//! to those whose message had not gone out yet.

use std::collections::{BTreeMap, BTreeSet};

use access::Ctx;
use kernel::Id;
use registry::people::{contacts_of, person_by_id};
use serde_json::{Map, Value as Json};
use store::Tx;

use super::announce::announce_as;
use crate::{
    NoticeRules,
    notices::{
        Announce, Channel, ItemRow, Language, NoticeError, Recipient, RecordRow, Route, Stage,
        rules::unpack_routes,
        store::{
            LastHeard, close_calls, corrected, each_queued, end_batches, end_waits, has_queued,
            last_heard, notices_about, record_of, supersede_queued,
        },
    },
};

/// Corrects one record; how many people are told.
pub(in crate::notices) async fn correct(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    rules: &NoticeRules,
    record: &RecordRow,
) -> Result<u64, NoticeError> {
    tx.lock("notice_subject", record.subject).await?;
    let unread = |e: serde_json::Error| NoticeError::Corrupt {
        notice: record.subject,
        reason: e.to_string(),
    };
    let variables: Map<String, Json> = serde_json::from_str(&record.variables).map_err(unread)?;
    let waiting = take_back(tx, record).await?;
    let mut told = 0;
    let mut instead = BTreeSet::new();
    for (stage, recipients) in waiting {
        instead.extend(recipients.iter().map(|one| one.person));
        // What was said after power came back may not fit what the record says now.
        let fits = rules.templates.get(record.kind, stage)?.check(&variables).is_ok();
        let stage = if fits { stage } else { Stage::Correction };
        told += say(ctx, tx, rules, record, (stage, &variables), recipients).await?;
    }
    let outdated = outdated(tx, record, &instead).await?;
    if !outdated.is_empty() {
        let stage = (Stage::Correction, &variables);
        told += say(ctx, tx, rules, record, stage, outdated).await?;
    }
    let (kind, subject, now) = (&record.subject_kind, record.subject, tx.now());
    corrected(tx, record.org, kind, subject, record.record_version, now).await?;
    Ok(told)
}

async fn say(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    rules: &NoticeRules,
    record: &RecordRow,
    (stage, variables): (Stage, &Map<String, Json>),
    recipients: Vec<Recipient>,
) -> Result<u64, NoticeError> {
    let command = Announce {
        org: record.org,
        kind: record.kind,
        stage,
        subject: (&record.subject_kind, record.subject),
        record_version: record.record_version,
        variables,
        promise: None,
        recipients,
    };
    Ok(announce_as(ctx, tx, rules, command).await?.queued)
}

/// The messages of older versions that nobody heard yet, taken back, by stage.
async fn take_back(
    tx: &mut Tx,
    record: &RecordRow,
) -> Result<BTreeMap<Stage, Vec<Recipient>>, NoticeError> {
    let mut waiting: BTreeMap<Stage, Vec<Recipient>> = BTreeMap::new();
    let notices = notices_about(tx, record.org, &record.subject_kind, record.subject).await?;
    for notice in notices.iter().filter(|notice| notice.record_version < record.record_version) {
        if !has_queued(tx, notice.id).await? {
            continue;
        }
        let of_stage = waiting.entry(notice.stage).or_default();
        each_queued(tx, notice.id, |row| {
            of_stage.push(recipient(&row));
            Ok::<(), NoticeError>(())
        })
        .await?;
        supersede_queued(tx, notice.id).await?;
        end_batches(tx, notice.id).await?;
        end_waits(tx, notice.id).await?;
        let now = tx.now();
        close_calls(tx, notice.id, now).await?;
    }
    Ok(waiting)
}

fn recipient(row: &ItemRow) -> Recipient {
    Recipient {
        person: row.person,
        language: row.language,
        routes: unpack_routes(&row.routes),
        has_consent: true,
        own: row.own.clone(),
    }
}

/// Who heard an older version last and will not hear the new one anyway.
async fn outdated(
    tx: &mut Tx,
    record: &RecordRow,
    instead: &BTreeSet<Id>,
) -> Result<Vec<Recipient>, NoticeError> {
    let subject = (record.subject_kind.as_str(), record.subject);
    let heard = heard_last(tx, record.org, subject, record.record_version).await?;
    let is_behind = |last: &LastHeard| {
        last.record_version < record.record_version && !instead.contains(&last.person)
    };
    people(tx, record.org, heard.into_iter().filter(is_behind)).await
}

/// Everybody who heard of a thing, each once, with the routes by which they did: those whom what
/// comes after must reach as well.
///
/// # Errors
/// When the database does not answer.
pub async fn everybody_told(
    tx: &mut Tx,
    org: Id,
    subject: (&str, Id),
) -> Result<Vec<Recipient>, NoticeError> {
    let heard = heard_last(tx, org, subject, i64::MAX).await?;
    people(tx, org, heard.into_iter()).await
}

/// The last version that each person heard, or will hear of the newest.
async fn heard_last(
    tx: &mut Tx,
    org: Id,
    (kind, subject): (&str, Id),
    newest: i64,
) -> Result<Vec<LastHeard>, NoticeError> {
    let mut all: Vec<LastHeard> = Vec::new();
    last_heard(tx, org, kind, subject, newest, |heard| {
        match all.last_mut() {
            Some(last) if last.person == heard.person => {
                // Told by another door last, reached by an earlier message's routes.
                if last.routes.is_empty() {
                    last.language = heard.language;
                    last.routes = heard.routes;
                    last.own = heard.own;
                }
            }
            _ => all.push(heard),
        }
        Ok::<(), NoticeError>(())
    })
    .await?;
    Ok(all)
}

async fn people(
    tx: &mut Tx,
    org: Id,
    heard: impl Iterator<Item = LastHeard>,
) -> Result<Vec<Recipient>, NoticeError> {
    let mut people: Vec<Recipient> = heard
        .map(|last| Recipient {
            person: last.person,
            language: Language::from_word(&last.language).unwrap_or(Language::Zh),
            routes: unpack_routes(&last.routes),
            has_consent: true,
            own: last.own,
        })
        .collect();
    for one in people.iter_mut().filter(|one| one.routes.is_empty()) {
        look_up(tx, org, one).await?;
    }
    Ok(people)
}

/// Who heard it on the telephone or a page is reached as the registry knows.
async fn look_up(tx: &mut Tx, org: Id, one: &mut Recipient) -> Result<(), NoticeError> {
    if let Some(person) = person_by_id(tx, org, one.person).await? {
        one.language = Language::from_word(&person.language).unwrap_or(Language::Zh);
    }
    let mut contacts = contacts_of(tx, one.person).await?;
    contacts.sort_by_key(|contact| !contact.preferred);
    one.routes = contacts
        .into_iter()
        .filter_map(|contact| {
            let channel = match contact.channel {
                registry::Channel::Sms => Channel::Sms,
                registry::Channel::Email => Channel::Email,
                registry::Channel::Phone => Channel::Call,
                registry::Channel::Wechat | registry::Channel::Post => return None,
            };
            Some(Route { channel, address: contact.value })
        })
        .collect();
    Ok(())
}

/// The record as it is now, when its correction is still due.
pub(in crate::notices) async fn record_now(
    tx: &mut Tx,
    record: &RecordRow,
) -> Result<Option<RecordRow>, NoticeError> {
    let now = record_of(tx, record.org, &record.subject_kind, record.subject).await?;
    Ok(now.filter(|now| now.is_due))
}
