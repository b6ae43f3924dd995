-- What was told, to whom, by which channel, with what proof. One text for SQLite and PostgreSQL.

-- Every template that a notice was ever made from, so that its text can be written again to the
-- letter. Never changed.
CREATE TABLE notice_template (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    template TEXT NOT NULL,
    -- JSON of the template.
    body TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    UNIQUE (org, body_sha256)
);

-- One announcement of one version of a record at one stage.
CREATE TABLE notice (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT notice_kind
        CHECK (kind IN ('planned', 'temporary', 'dispatch', 'fault', 'arrears')),
    stage TEXT NOT NULL CONSTRAINT notice_stage
        CHECK (stage IN ('before', 'during', 'after', 'correction')),
    -- What it is about, for example ('outage', 17), and which version of that.
    subject_kind TEXT NOT NULL CHECK (subject_kind <> ''),
    subject BIGINT NOT NULL,
    record_version BIGINT NOT NULL CHECK (record_version > 0),
    template BIGINT NOT NULL REFERENCES notice_template (id),
    -- JSON: what the record said.
    variables TEXT NOT NULL,
    -- Quiet hours, consent and daily limits do not hold it back.
    is_safety BOOLEAN NOT NULL,
    -- The promise that it keeps.
    promise BIGINT REFERENCES promise (id),
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    UNIQUE (org, subject_kind, subject, kind, stage, record_version)
);
CREATE INDEX notice_subject ON notice (subject, subject_kind);

-- One message to one person: the key keeps a person from hearing the same version of the same
-- stage twice. No foreign keys and few indexes: half a million rows come at once.
CREATE TABLE notice_item (
    notice BIGINT NOT NULL,
    person BIGINT NOT NULL,
    org BIGINT NOT NULL,
    language TEXT NOT NULL,
    -- Channel and address, a line each, in the order in which they are tried.
    routes TEXT NOT NULL,
    route BIGINT NOT NULL DEFAULT 0,
    -- The channel of the present route; empty when there is none.
    channel TEXT NOT NULL,
    -- JSON: what the text says to this person alone; empty when nothing.
    own TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CONSTRAINT notice_item_state CHECK (state IN ('queued', 'sending', 'sent',
        'delivered', 'read', 'acknowledged', 'exception', 'withheld', 'superseded')),
    -- Why it is an exception or withheld.
    reason TEXT,
    -- Attempts on the present route.
    tries BIGINT NOT NULL DEFAULT 0,
    -- The send under way or done last.
    send BIGINT,
    told_at BIGINT,
    PRIMARY KEY (notice, person)
);
CREATE INDEX notice_item_person ON notice_item (person, notice);
CREATE INDEX notice_item_exception ON notice_item (org, notice) WHERE state = 'exception';

-- How far a channel has come with the items of a notice. Gone when it is through.
CREATE TABLE notice_batch (
    notice BIGINT NOT NULL REFERENCES notice (id),
    channel TEXT NOT NULL,
    org BIGINT NOT NULL,
    is_safety BOOLEAN NOT NULL,
    not_before BIGINT NOT NULL,
    after_person BIGINT NOT NULL,
    PRIMARY KEY (notice, channel)
);
CREATE INDEX notice_batch_channel ON notice_batch (channel, not_before);

-- Items that wait on their own: tried again, fallen back to another channel, in quiet hours.
CREATE TABLE notice_wait (
    notice BIGINT NOT NULL,
    person BIGINT NOT NULL,
    channel TEXT NOT NULL,
    org BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (notice, person)
);
CREATE INDEX notice_wait_due ON notice_wait (channel, due_at);

-- One attempt to send one message.
CREATE TABLE notice_send (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    notice BIGINT NOT NULL,
    person BIGINT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT notice_send_state
        CHECK (state IN ('sending', 'sent', 'delivered', 'read', 'acknowledged', 'failed', 'uncertain')),
    -- What the provider calls it.
    provider_ref TEXT,
    detail TEXT,
    claimed_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX notice_send_item ON notice_send (notice, person);
CREATE INDEX notice_send_pace ON notice_send (channel, claimed_at);
CREATE INDEX notice_send_person ON notice_send (person, claimed_at);
CREATE INDEX notice_send_under_way ON notice_send (channel, claimed_at) WHERE state = 'sending';
CREATE UNIQUE INDEX notice_send_provider ON notice_send (channel, provider_ref)
    WHERE provider_ref IS NOT NULL;

-- What providers reported, each report once. One that came before its message was written down as
-- sent has no send yet.
CREATE TABLE notice_receipt (
    channel TEXT NOT NULL,
    provider_ref TEXT NOT NULL,
    status TEXT NOT NULL CONSTRAINT notice_receipt_status
        CHECK (status IN ('delivered', 'read', 'acknowledged', 'failed')),
    org BIGINT NOT NULL,
    send BIGINT,
    detail TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (channel, provider_ref, status)
);

-- A recorded call that a person makes: done with recording and acknowledgement, or tried again.
CREATE TABLE notice_call (
    send BIGINT PRIMARY KEY REFERENCES notice_send (id),
    org BIGINT NOT NULL,
    notice BIGINT NOT NULL,
    person BIGINT NOT NULL,
    phone TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT notice_call_state CHECK (state IN ('open', 'done', 'failed')),
    attempts BIGINT NOT NULL DEFAULT 0,
    recording TEXT,
    answered_by TEXT,
    note TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    done_by TEXT,
    CONSTRAINT notice_call_proof CHECK (state <> 'done' OR (recording IS NOT NULL AND answered_by IS NOT NULL))
);
CREATE INDEX notice_call_open ON notice_call (org, created_at) WHERE state = 'open';

-- What was told through other doors: an agent on the telephone, the IVR, a page.
CREATE TABLE notice_told (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject BIGINT NOT NULL,
    record_version BIGINT NOT NULL,
    person BIGINT NOT NULL,
    door TEXT NOT NULL CHECK (door <> ''),
    told_at BIGINT NOT NULL,
    told_by TEXT NOT NULL
);
CREATE INDEX notice_told_subject ON notice_told (subject, subject_kind);
CREATE INDEX notice_told_person ON notice_told (person, told_at);

-- The version of each record that is true now, and whether those who heard another were told.
CREATE TABLE notice_record (
    org BIGINT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject BIGINT NOT NULL,
    kind TEXT NOT NULL,
    record_version BIGINT NOT NULL,
    variables TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- Until the correction went out.
    is_due BOOLEAN NOT NULL,
    corrected_at BIGINT,
    PRIMARY KEY (org, subject_kind, subject)
);
CREATE INDEX notice_record_due ON notice_record (changed_at) WHERE is_due;

-- How a person wants to be told.
CREATE TABLE notice_preference (
    person BIGINT PRIMARY KEY REFERENCES person (id),
    org BIGINT NOT NULL,
    -- Channels in the order wished, a comma between; empty: as usual.
    channels TEXT NOT NULL,
    -- Times of day between which nothing but safety is sent, such as 21:00.
    quiet_from TEXT,
    quiet_to TEXT,
    -- Kinds of notice not wanted, a comma between; safety is told all the same.
    unwanted TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
);
CREATE INDEX notice_preference_org ON notice_preference (org);
