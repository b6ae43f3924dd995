//! A version of a record is announced: one message for each person, all at once.

use std::collections::BTreeMap;

use access::{Ctx, Right};
use kernel::{Id, Instant, Time};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{OnConflict, Tx, Value};

use super::emit;
use crate::{
    NoticeRules,
    notices::{
        Announce, Announced, Channel, ItemState, Language, NoticeError, NoticeRow, Recipient,
        jobs::job_of,
        rules::{Preference, Template, Wish, pack_routes},
        store::{
            PreferenceRow, TemplateRow, begin_batch, notice_of, preferences_of, put_wait,
            record_of, template_by_digest,
        },
    },
};

/// Makes the notice and a message for every recipient. Who is told of this version at this stage
/// already is left out, however often it is announced. Half a million people are one transaction.
///
/// # Errors
/// [`NoticeError::NoTemplate`], [`NoticeError::VariableMissing`], [`NoticeError::State`] when this
/// version was announced with other words, denied.
pub async fn announce(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    rules: &NoticeRules,
    command: Announce<'_>,
) -> Result<Announced, NoticeError> {
    ctx.require(Right::NoticeSend, command.org)?;
    announce_as(ctx, tx, rules, command).await
}

/// As [`announce`], for what follows from a deed that was allowed.
pub(in crate::notices) async fn announce_as(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    rules: &NoticeRules,
    command: Announce<'_>,
) -> Result<Announced, NoticeError> {
    let template = rules.templates.get(command.kind, command.stage)?;
    template.check(command.variables)?;
    if let Some(one) = command.recipients.first() {
        for language in Language::ALL {
            let key = (command.kind, command.stage);
            rules.templates.render(key, *language, command.variables, &one.own)?;
        }
    }
    let notice = find_or_make(ctx, tx, &command, template).await?;
    let announced = expand(tx, rules, &notice, template, command.recipients).await?;
    let payload = json!({
        "kind": notice.kind, "stage": notice.stage, "record_version": notice.record_version,
        "subject_kind": notice.subject_kind, "subject": notice.subject,
        "queued": announced.queued, "exceptions": announced.exceptions,
    });
    emit(ctx, tx, (notice.org, notice.id), "duty.notice_announced", payload).await?;
    Ok(announced)
}

async fn find_or_make(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    command: &Announce<'_>,
    template: &Template,
) -> Result<NoticeRow, NoticeError> {
    let (subject_kind, subject) = command.subject;
    if subject_kind.is_empty() || command.record_version < 1 {
        return Err(NoticeError::Invalid("say what it is about and which version, from 1"));
    }
    let unwritten = |e: serde_json::Error| NoticeError::VariableMissing(e.to_string());
    let variables = serde_json::to_string(command.variables).map_err(unwritten)?;
    tx.lock("notice_subject", subject).await?;
    let (org, kind, stage, version) =
        (command.org, command.kind, command.stage, command.record_version);
    let truth = record_of(tx, org, subject_kind, subject).await?;
    if truth.is_some_and(|record| record.record_version > version) {
        return Err(NoticeError::State("a newer version of this is true; announce that one"));
    }
    if let Some(known) = notice_of(tx, org, subject_kind, subject, kind, stage, version).await? {
        if known.variables != variables {
            return Err(NoticeError::State(
                "this version was announced with other words; a change is a new version",
            ));
        }
        return Ok(known);
    }
    let row = NoticeRow {
        id: tx.next_id(),
        org,
        kind,
        stage,
        subject_kind: subject_kind.to_owned(),
        subject,
        record_version: version,
        template: keep_template(tx, org, template).await?,
        variables,
        is_safety: template.safety,
        promise: command.promise,
        created_at: tx.now(),
        created_by: ctx.actor_name().to_owned(),
    };
    tx.insert("notice", &row).await?;
    Ok(row)
}

async fn keep_template(tx: &mut Tx, org: Id, template: &Template) -> Result<Id, NoticeError> {
    let unwritten = |e: serde_json::Error| NoticeError::VariableMissing(e.to_string());
    let body = serde_json::to_string(template).map_err(unwritten)?;
    let digest = Sha256::digest(body.as_bytes());
    let body_sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(id) = template_by_digest(tx, org, &body_sha256).await? {
        return Ok(id);
    }
    let template = format!("{}.{}", template.kind, template.stage);
    let row = TemplateRow { id: tx.next_id(), org, template, body, body_sha256 };
    tx.insert_all("notice_template", std::slice::from_ref(&row), OnConflict::Keep).await?;
    let kept = template_by_digest(tx, org, &row.body_sha256).await?;
    kept.ok_or(NoticeError::NotFound("template"))
}

/// What is decided about one recipient.
enum Fate {
    Queued(Channel),
    Ended(ItemState, &'static str),
}

async fn expand(
    tx: &mut Tx,
    rules: &NoticeRules,
    notice: &NoticeRow,
    template: &Template,
    mut recipients: Vec<Recipient>,
) -> Result<Announced, NoticeError> {
    // In the order of the keys, so that rows and indexes grow at their ends.
    recipients.sort_by_key(|one| one.person);
    recipients.dedup_by_key(|one| one.person);
    let asked = count(recipients.len());
    let wishes = wishes(tx, notice.org).await?;
    let now = tx.now();
    let mut channels: BTreeMap<Channel, Instant> = BTreeMap::new();
    let mut waits = Vec::new();
    let mut fates = Vec::with_capacity(recipients.len());
    for one in &mut recipients {
        let wish = wishes.get(&one.person);
        let fate = decide(notice, template, one, wish);
        if let Fate::Queued(channel) = fate {
            let quiet = |own: Option<(Time, Time)>| match notice.is_safety {
                true => now,
                false => rules.policy.after_quiet(channel, own, &rules.zone, now),
            };
            let general = *channels.entry(channel).or_insert_with(|| quiet(None));
            if let Some(own) = wish.and_then(|wish| wish.quiet) {
                let until = quiet(Some(own));
                if until > general {
                    waits.push((one.person, channel, until));
                }
            }
        }
        fates.push(fate);
    }
    let queued = insert_queued(tx, notice, &recipients, &fates).await?;
    let (exceptions, withheld) = insert_ended(tx, notice, &recipients, &fates).await?;
    for (person, channel, until) in waits {
        put_wait(tx, notice.id, person, channel, notice.org, until).await?;
    }
    for (channel, not_before) in channels {
        begin_batch(tx, notice.id, channel, notice.org, notice.is_safety, not_before).await?;
        tx.nudge(job_of(channel)).await?;
    }
    let known = asked - queued - exceptions - withheld;
    Ok(Announced { notice: notice.id, queued, exceptions, withheld, known })
}

fn decide(
    notice: &NoticeRow,
    template: &Template,
    one: &mut Recipient,
    wish: Option<&Preference>,
) -> Fate {
    if template.consent && !one.has_consent {
        return Fate::Ended(ItemState::Withheld, "no_consent");
    }
    if let Some(wish) = wish {
        if wish.wish(notice.kind, notice.is_safety) == Wish::Unwanted {
            return Fate::Ended(ItemState::Withheld, "unwanted");
        }
        wish.order(&mut one.routes);
    }
    one.routes.retain(|route| !route.address.trim().is_empty());
    match one.routes.first() {
        Some(route) => Fate::Queued(route.channel),
        None => Fate::Ended(ItemState::Exception, "no_contact"),
    }
}

/// Rows that are made at once: few enough to hold, many enough for the database.
const ROWS: usize = 10_000;

/// Writes down the messages that are on their way.
async fn insert_queued(
    tx: &mut Tx,
    notice: &NoticeRow,
    recipients: &[Recipient],
    fates: &[Fate],
) -> Result<u64, NoticeError> {
    const COLUMNS: [&str; 8] =
        ["notice", "person", "org", "language", "routes", "channel", "own", "state"];
    let mut inserted = 0;
    for (recipients, fates) in recipients.chunks(ROWS).zip(fates.chunks(ROWS)) {
        let mut rows: Vec<[Value<'_>; 8]> = Vec::with_capacity(recipients.len());
        for (one, fate) in recipients.iter().zip(fates) {
            let Fate::Queued(channel) = fate else { continue };
            rows.push([
                Value::Int(notice.id.get()),
                Value::Int(one.person.get()),
                Value::Int(notice.org.get()),
                Value::Text(one.language.word().into()),
                Value::Text(pack_routes(&one.routes).into()),
                Value::Text(channel.word().into()),
                Value::Text(one.own.as_str().into()),
                Value::Text(ItemState::Queued.word().into()),
            ]);
        }
        inserted += tx.insert_rows("notice_item", &COLUMNS, rows, OnConflict::Keep).await?;
    }
    Ok(inserted)
}

/// Writes down who is not sent anything and why; the numbers of exceptions and of those who did
/// not want it.
async fn insert_ended(
    tx: &mut Tx,
    notice: &NoticeRow,
    recipients: &[Recipient],
    fates: &[Fate],
) -> Result<(u64, u64), NoticeError> {
    const COLUMNS: [&str; 9] =
        ["notice", "person", "org", "language", "routes", "channel", "own", "state", "reason"];
    let mut inserted = (0, 0);
    for (recipients, fates) in recipients.chunks(ROWS).zip(fates.chunks(ROWS)) {
        for wanted in [ItemState::Exception, ItemState::Withheld] {
            let mut rows: Vec<[Value<'_>; 9]> = Vec::new();
            for (one, fate) in recipients.iter().zip(fates) {
                let Fate::Ended(state, reason) = fate else { continue };
                if *state != wanted {
                    continue;
                }
                rows.push([
                    Value::Int(notice.id.get()),
                    Value::Int(one.person.get()),
                    Value::Int(notice.org.get()),
                    Value::Text(one.language.word().into()),
                    Value::Text(pack_routes(&one.routes).into()),
                    Value::Text("".into()),
                    Value::Text(one.own.as_str().into()),
                    Value::Text(state.word().into()),
                    Value::Text((*reason).into()),
                ]);
            }
            let count = tx.insert_rows("notice_item", &COLUMNS, rows, OnConflict::Keep).await?;
            match wanted {
                ItemState::Exception => inserted.0 += count,
                _ => inserted.1 += count,
            }
        }
    }
    Ok(inserted)
}

async fn wishes(tx: &mut Tx, org: Id) -> Result<BTreeMap<Id, Preference>, NoticeError> {
    let rows = preferences_of(tx, org).await?;
    Ok(rows.iter().map(|row| (row.person, row.read())).collect())
}

impl PreferenceRow {
    /// What it says.
    #[must_use]
    pub fn read(&self) -> Preference {
        let time = |text: &Option<String>| text.as_deref().and_then(|t| t.parse::<Time>().ok());
        let words = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        Preference {
            channels: words(&self.channels).iter().filter_map(|w| Channel::from_word(w)).collect(),
            quiet: time(&self.quiet_from).zip(time(&self.quiet_to)),
            unwanted: words(&self.unwanted)
                .iter()
                .filter_map(|w| crate::notices::Kind::from_word(w))
                .collect(),
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
