//! The SQL of notices.

mod rows;

use kernel::{Id, Instant};

use super::{Channel, ItemState, Kind, SendState, Stage};

pub use rows::{
    BatchRow, CallRow, CountRow, HeardRow, ItemRow, LastHeard, NoticeRow, PreferenceRow,
    ReceiptRow, RecordRow, SendRow, TemplateRow, ToldRow, WaitRow,
};

macro_rules! notice_columns {
    () => {
        "n.id, n.org, n.kind, n.stage, n.subject_kind, n.subject, n.record_version, n.template,
         n.variables, n.is_safety, n.promise, n.created_at, n.created_by"
    };
}

macro_rules! item_columns {
    () => {
        "i.notice, i.person, i.org, i.language, i.routes, i.route, i.channel, i.own, i.state,
         i.reason, i.tries, i.send, i.told_at"
    };
}

macro_rules! send_columns {
    () => {
        "id, org, notice, person, channel, address, state, provider_ref, detail, claimed_at, sent_at"
    };
}

macro_rules! call_columns {
    () => {
        "c.send, c.org, c.notice, c.person, c.phone, c.state, c.attempts, c.recording, c.answered_by,
         c.note, c.created_at, c.done_at, c.done_by"
    };
}

// The states in which nobody heard the message yet: a call that is still to be made is one.
macro_rules! unheard {
    () => {
        "(i.state IN ('queued', 'exception') OR (i.state = 'sending' AND i.channel = 'call'))"
    };
}

// The states in which a person heard the message, or may have.
macro_rules! heard {
    () => {
        "(i.state IN ('sent', 'delivered', 'read', 'acknowledged')
          OR (i.state = 'sending' AND i.channel <> 'call'))"
    };
}

store::statements! {
    /// The stored template with this digest.
    optional template_by_digest(org: Id, body_sha256: &str) -> Id =
        "SELECT id FROM notice_template WHERE org = $1 AND body_sha256 = $2";
    /// A stored template.
    optional template_by_id(id: Id) -> TemplateRow =
        "SELECT id, org, template, body, body_sha256 FROM notice_template WHERE id = $1";

    /// One notice.
    optional notice_by_id(id: Id) -> NoticeRow =
        concat!("SELECT ", notice_columns!(), " FROM notice n WHERE n.id = $1");
    /// The notice of a version of a record at a stage.
    optional notice_of(
        org: Id, subject_kind: &str, subject: Id, kind: Kind, stage: Stage, record_version: i64,
    ) -> NoticeRow =
        concat!("SELECT ", notice_columns!(), " FROM notice n WHERE n.org = $1
            AND n.subject_kind = $2 AND n.subject = $3 AND n.kind = $4 AND n.stage = $5
            AND n.record_version = $6");
    /// Every notice about a thing, oldest first.
    all notices_about(org: Id, subject_kind: &str, subject: Id) -> NoticeRow =
        concat!("SELECT ", notice_columns!(), " FROM notice n
            WHERE n.subject = $3 AND n.subject_kind = $2 AND n.org = $1 ORDER BY n.id");
    /// The notices of an organisation and below, newest first.
    all notices_listed(org: Id, before: Id, limit: i64) -> NoticeRow =
        concat!("SELECT ", notice_columns!(), " FROM notice n
            WHERE n.id < $2 AND (n.org = $1 OR n.org IN
                (SELECT descendant FROM organisation_path WHERE ancestor = $1))
            ORDER BY n.id DESC LIMIT $3");
    /// How the messages of a notice stand.
    all counts_of(notice: Id) -> CountRow =
        "SELECT channel, state, COUNT(*) AS count FROM notice_item WHERE notice = $1
         GROUP BY channel, state ORDER BY channel, state";

    /// One message.
    optional item(notice: Id, person: Id) -> ItemRow =
        concat!("SELECT ", item_columns!(), " FROM notice_item i WHERE i.notice = $1 AND i.person = $2");
    /// The messages of a notice that wait for a channel, by person.
    all items_queued(notice: Id, channel: Channel, after_person: Id, limit: i64) -> ItemRow =
        concat!("SELECT ", item_columns!(), " FROM notice_item i
            WHERE i.notice = $1 AND i.person > $3 AND i.channel = $2 AND i.state = 'queued'
              AND NOT EXISTS (SELECT 1 FROM notice_wait w
                  WHERE w.notice = i.notice AND w.person = i.person)
            ORDER BY i.person LIMIT $4");
    /// The messages of a notice, by person.
    all items_of(notice: Id, after_person: Id, limit: i64) -> ItemRow =
        concat!("SELECT ", item_columns!(), " FROM notice_item i
            WHERE i.notice = $1 AND i.person > $2 ORDER BY i.person LIMIT $3");
    /// The messages that a person was sent, newest first.
    all items_of_person(person: Id, before: Id, limit: i64) -> ItemRow =
        concat!("SELECT ", item_columns!(), " FROM notice_send s
            JOIN notice_item i ON i.notice = s.notice AND i.person = s.person AND i.send = s.id
            WHERE s.person = $1 AND s.notice < $2 ORDER BY s.notice DESC LIMIT $3");
    /// The people of an organisation whom nobody could tell, oldest notice first.
    all exceptions_of(org: Id, after_notice: Id, after_person: Id, limit: i64) -> ItemRow =
        concat!("SELECT ", item_columns!(), " FROM notice_item i
            WHERE i.org = $1 AND i.state = 'exception' AND (i.notice, i.person) > ($2, $3)
            ORDER BY i.notice, i.person LIMIT $4");
    /// Writes that a message is in hand.
    run item_sending(notice: Id, person: Id, send: Id) =
        "UPDATE notice_item SET state = 'sending', send = $3
         WHERE notice = $1 AND person = $2 AND state = 'queued'";
    /// Writes how far a message came.
    run item_reached(notice: Id, person: Id, state: ItemState, told_at: Instant) =
        "UPDATE notice_item SET state = $3, told_at = COALESCE(told_at, $4), reason = NULL
         WHERE notice = $1 AND person = $2";
    /// Puts a message back into the queue of a channel.
    run item_queued(notice: Id, person: Id, route: i64, channel: Channel, tries: i64) =
        "UPDATE notice_item SET state = 'queued', route = $3, channel = $4, tries = $5
         WHERE notice = $1 AND person = $2";
    /// Ends a message without anybody told.
    run item_ended(notice: Id, person: Id, state: ItemState, reason: &str) =
        "UPDATE notice_item SET state = $3, reason = $4 WHERE notice = $1 AND person = $2";
    /// Gives a message other routes and queues it on the first.
    run item_rerouted(notice: Id, person: Id, routes: &str, channel: Channel) =
        "UPDATE notice_item SET state = 'queued', routes = $3, route = 0, channel = $4, tries = 0,
             reason = NULL
         WHERE notice = $1 AND person = $2 AND state = 'exception'";
    /// Takes the messages of a notice back that no sender has in hand yet.
    run supersede_queued(notice: Id) =
        concat!("UPDATE notice_item AS i SET state = 'superseded', reason = 'newer_version'
            WHERE i.notice = $1 AND ", unheard!());
    /// Whether a notice has messages that no sender has in hand yet.
    one has_queued(notice: Id) -> bool =
        concat!("SELECT EXISTS (SELECT 1 FROM notice_item i WHERE i.notice = $1 AND ", unheard!(), ")");
    /// Visits the messages of a notice that no sender has in hand yet.
    each each_queued(notice: Id) -> ItemRow =
        concat!("SELECT ", item_columns!(), " FROM notice_item i
            WHERE i.notice = $1 AND ", unheard!(), " ORDER BY i.person");

    /// The next notice that a channel has messages of: safety first.
    optional next_batch(channel: Channel, now: Instant) -> BatchRow =
        "SELECT notice, channel, org, is_safety, not_before, after_person FROM notice_batch
         WHERE channel = $1 AND not_before <= $2 ORDER BY is_safety DESC, notice LIMIT 1";
    /// Sets a channel to the beginning of a notice, whether it was through or not.
    run begin_batch(notice: Id, channel: Channel, org: Id, is_safety: bool, not_before: Instant) =
        "INSERT INTO notice_batch (notice, channel, org, is_safety, not_before, after_person)
         VALUES ($1, $2, $3, $4, $5, 0)
         ON CONFLICT (notice, channel) DO UPDATE SET after_person = 0";
    /// Writes how far a channel has come.
    run advance_batch(notice: Id, channel: Channel, after_person: Id) =
        "UPDATE notice_batch SET after_person = $3 WHERE notice = $1 AND channel = $2";
    /// Forgets a channel that is through.
    run end_batch(notice: Id, channel: Channel) =
        "DELETE FROM notice_batch WHERE notice = $1 AND channel = $2";
    /// Forgets all channels of a notice.
    run end_batches(notice: Id) = "DELETE FROM notice_batch WHERE notice = $1";

    /// Messages whose time has come.
    all waits_due(channel: Channel, now: Instant, limit: i64) -> WaitRow =
        "SELECT notice, person, channel, org, due_at FROM notice_wait
         WHERE channel = $1 AND due_at <= $2 ORDER BY due_at, notice, person LIMIT $3";
    /// Lets a message wait; one that waits already waits for this instead.
    run put_wait(notice: Id, person: Id, channel: Channel, org: Id, due_at: Instant) =
        "INSERT INTO notice_wait (notice, person, channel, org, due_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (notice, person) DO UPDATE SET channel = $3, due_at = $5";
    /// Ends a wait.
    run end_wait(notice: Id, person: Id) =
        "DELETE FROM notice_wait WHERE notice = $1 AND person = $2";
    /// Ends all waits of a notice.
    run end_waits(notice: Id) = "DELETE FROM notice_wait WHERE notice = $1";

    /// One attempt.
    optional send_by_id(id: Id) -> SendRow =
        concat!("SELECT ", send_columns!(), " FROM notice_send WHERE id = $1");
    /// The attempt that a provider calls so.
    optional send_by_provider(channel: Channel, provider_ref: &str) -> SendRow =
        concat!("SELECT ", send_columns!(), " FROM notice_send WHERE channel = $1 AND provider_ref = $2");
    /// The attempts of a message, oldest first.
    all sends_of(notice: Id, person: Id) -> SendRow =
        concat!("SELECT ", send_columns!(), " FROM notice_send
            WHERE notice = $1 AND person = $2 ORDER BY id");
    /// Attempts of a channel that have been under way since before an instant.
    all sends_under_way(channel: Channel, before: Instant, limit: i64) -> SendRow =
        concat!("SELECT ", send_columns!(), " FROM notice_send
            WHERE channel = $1 AND state = 'sending' AND claimed_at < $2 ORDER BY claimed_at LIMIT $3");
    /// How many messages a channel took in hand since an instant.
    one sends_since(channel: Channel, since: Instant) -> i64 =
        "SELECT COUNT(*) FROM notice_send WHERE channel = $1 AND claimed_at > $2";
    /// How many messages a person was sent since an instant.
    one sends_to_person(person: Id, since: Instant) -> i64 =
        "SELECT COUNT(*) FROM notice_send WHERE person = $1 AND claimed_at > $2 AND state <> 'failed'";
    /// Writes what came of an attempt.
    run send_answered(
        id: Id, state: SendState, provider_ref: Option<&str>, detail: Option<&str>, sent_at: Option<Instant>,
    ) =
        "UPDATE notice_send SET state = $2, provider_ref = COALESCE(provider_ref, $3), detail = $4,
             sent_at = COALESCE(sent_at, $5)
         WHERE id = $1";
    /// Takes an attempt in hand again.
    run send_again(id: Id, claimed_at: Instant) =
        "UPDATE notice_send SET claimed_at = $2 WHERE id = $1 AND state = 'sending'";

    /// Reports on a message that came before it was known.
    all receipts_before(channel: Channel, provider_ref: &str) -> ReceiptRow =
        "SELECT channel, provider_ref, status, org, send, detail, reported_at, received_at
         FROM notice_receipt WHERE channel = $1 AND provider_ref = $2 AND send IS NULL
         ORDER BY reported_at, status";
    /// Says to which attempt early reports belong.
    run claim_receipts(channel: Channel, provider_ref: &str, send: Id, org: Id) =
        "UPDATE notice_receipt SET send = $3, org = $4
         WHERE channel = $1 AND provider_ref = $2 AND send IS NULL";

    /// One call.
    optional call_by_send(org: Id, send: Id) -> CallRow =
        concat!("SELECT ", call_columns!(), " FROM notice_call c WHERE c.org = $1 AND c.send = $2");
    /// The calls of an organisation that somebody must make, oldest first.
    all calls_open(org: Id, after: Id, limit: i64) -> CallRow =
        concat!("SELECT ", call_columns!(), " FROM notice_call c
            WHERE c.org = $1 AND c.state = 'open' AND c.send > $2 ORDER BY c.send LIMIT $3");
    /// Ends a call with its proof.
    run finish_call(
        send: Id, state: &str, recording: Option<&str>, answered_by: Option<&str>, note: &str,
        at: Instant, by: &str,
    ) =
        "UPDATE notice_call SET state = $2, recording = $3, answered_by = $4, note = $5,
             done_at = $6, done_by = $7
         WHERE send = $1 AND state = 'open'";
    /// Ends the calls of a notice that nobody made yet.
    run close_calls(notice: Id, at: Instant) =
        "UPDATE notice_call SET state = 'failed', note = 'newer_version', done_at = $2
         WHERE notice = $1 AND state = 'open'";
    /// Counts a call without an answer.
    run count_call(send: Id) =
        "UPDATE notice_call SET attempts = attempts + 1 WHERE send = $1 AND state = 'open'";

    /// The true version of a record.
    optional record_of(org: Id, subject_kind: &str, subject: Id) -> RecordRow =
        "SELECT org, subject_kind, subject, kind, record_version, variables, changed_at, is_due, corrected_at
         FROM notice_record WHERE org = $1 AND subject_kind = $2 AND subject = $3";
    /// Records whose older versions somebody may have heard, the oldest change first.
    all records_due(limit: i64) -> RecordRow =
        "SELECT org, subject_kind, subject, kind, record_version, variables, changed_at, is_due, corrected_at
         FROM notice_record WHERE is_due ORDER BY changed_at LIMIT $1";
    /// Writes a version of a record; an older one changes nothing.
    run put_record(
        org: Id, subject_kind: &str, subject: Id, kind: Kind, record_version: i64, variables: &str,
        changed_at: Instant,
    ) =
        "INSERT INTO notice_record
             (org, subject_kind, subject, kind, record_version, variables, changed_at, is_due)
         VALUES ($1, $2, $3, $4, $5, $6, $7, TRUE)
         ON CONFLICT (org, subject_kind, subject) DO UPDATE SET kind = $4, record_version = $5,
             variables = $6, changed_at = $7, is_due = TRUE, corrected_at = NULL
         WHERE notice_record.record_version < $5";
    /// Writes that those who heard an older version are told.
    run corrected(org: Id, subject_kind: &str, subject: Id, record_version: i64, at: Instant) =
        "UPDATE notice_record SET is_due = FALSE, corrected_at = $5
         WHERE org = $1 AND subject_kind = $2 AND subject = $3 AND record_version = $4";
    /// The versions that people heard of a record, or will hear of its newest, by person, the newest
    /// first.
    each last_heard(org: Id, subject_kind: &str, subject: Id, newest: i64) -> LastHeard =
        concat!("SELECT person, record_version, language, routes, own FROM (
            SELECT i.person AS person, n.record_version AS record_version, i.language AS language,
                i.routes AS routes, i.own AS own
            FROM notice n JOIN notice_item i ON i.notice = n.id
            WHERE n.org = $1 AND n.subject_kind = $2 AND n.subject = $3
              AND (", heard!(), " OR (n.record_version >= $4 AND i.state = 'queued'))
            UNION ALL
            SELECT person, record_version, '' AS language, '' AS routes, '' AS own FROM notice_told
            WHERE org = $1 AND subject_kind = $2 AND subject = $3) AS heard
         ORDER BY person, record_version DESC, routes DESC");
    /// Who heard what of a record, by person and time.
    all heard_of(org: Id, subject_kind: &str, subject: Id, after_person: Id, limit: i64) -> HeardRow =
        concat!("SELECT person, record_version, door, stage, state, told_at FROM (
            SELECT i.person AS person, n.record_version AS record_version, i.channel AS door,
                n.stage AS stage, i.state AS state, i.told_at AS told_at
            FROM notice n JOIN notice_item i ON i.notice = n.id
            WHERE n.org = $1 AND n.subject_kind = $2 AND n.subject = $3 AND i.person > $4 AND ", heard!(), "
            UNION ALL
            SELECT person, record_version, door, '' AS stage, 'told' AS state, told_at FROM notice_told
            WHERE org = $1 AND subject_kind = $2 AND subject = $3 AND person > $4) AS heard
         ORDER BY person, told_at, record_version LIMIT $5");
    /// The people of a notice who did not confirm it yet.
    all unconfirmed(notice: Id, limit: i64) -> ItemRow =
        concat!("SELECT ", item_columns!(), " FROM notice_item i WHERE i.notice = $1
            AND i.state NOT IN ('acknowledged', 'superseded') ORDER BY i.person LIMIT $2");

    /// The wishes of the people of an organisation and below.
    all preferences_of(org: Id) -> PreferenceRow =
        "SELECT person, org, channels, quiet_from, quiet_to, unwanted, version FROM notice_preference
         WHERE org = $1 OR org IN (SELECT descendant FROM organisation_path WHERE ancestor = $1)";
    /// The wishes of a person.
    optional preference_of(person: Id) -> PreferenceRow =
        "SELECT person, org, channels, quiet_from, quiet_to, unwanted, version FROM notice_preference
         WHERE person = $1";
    /// Writes the wishes of a person.
    run put_preference(
        person: Id, org: Id, channels: &str, quiet_from: Option<&str>, quiet_to: Option<&str>,
        unwanted: &str,
    ) =
        "INSERT INTO notice_preference (person, org, channels, quiet_from, quiet_to, unwanted)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (person) DO UPDATE SET channels = $3, quiet_from = $4, quiet_to = $5,
             unwanted = $6, version = notice_preference.version + 1";
}
