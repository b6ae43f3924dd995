-- What the company owes to whom by when. One text for SQLite and PostgreSQL.

-- The rule packs that an organisation and those below it live by, in their order: a later position
-- replaces promises of the same id. An organisation without packs has those of the one above it.
CREATE TABLE promise_pack (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    pack TEXT NOT NULL CHECK (pack <> ''),
    position BIGINT NOT NULL,
    -- The document as it was published.
    document TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by BIGINT NOT NULL,
    -- When another version took its place.
    replaced_at BIGINT
);
CREATE UNIQUE INDEX promise_pack_in_force ON promise_pack (org, pack) WHERE replaced_at IS NULL;

-- Every version of a rule under which a promise was ever given, so that no change of a pack
-- reaches back. Never changed.
CREATE TABLE promise_rule (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    rule_id TEXT NOT NULL,
    -- JSON of the engine's rule.
    body TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    UNIQUE (org, body_sha256)
);

CREATE TABLE promise (
    id BIGINT PRIMARY KEY,
    -- The unit that owes it.
    org BIGINT NOT NULL,
    rule BIGINT NOT NULL REFERENCES promise_rule (id),
    rule_id TEXT NOT NULL,
    -- What it is about, for example ('outage', 17).
    subject_kind TEXT NOT NULL CHECK (subject_kind <> ''),
    subject BIGINT NOT NULL,
    -- Tells a second promise of the same rule about the same thing from a repeated request.
    occasion TEXT NOT NULL,
    -- To whom it is owed, where that is one person.
    person BIGINT REFERENCES person (id),
    opened_at BIGINT NOT NULL,
    -- The event that a lead time counts back from.
    target_at BIGINT,
    -- The last instant at which it can be kept; none while a pause holds or the calendar ends.
    due_at BIGINT,
    -- The last date, where it is counted in working days.
    due_on TEXT,
    at_risk_at BIGINT,
    -- When the reconciler looks at it next; none when nothing can follow by time alone.
    next_at BIGINT,
    state TEXT NOT NULL CONSTRAINT promise_state
        CHECK (state IN ('open', 'paused', 'kept', 'broken', 'withdrawn')),
    -- When the verdict fell: once given, it stays.
    verdict_at BIGINT,
    done_at BIGINT,
    done_by TEXT,
    -- JSON: what proves that it was done.
    evidence TEXT,
    withdrawn_at BIGINT,
    -- The highest share of the limit, in per cent, whose step was taken.
    step_percent BIGINT NOT NULL DEFAULT 0,
    -- Why there is no deadline though the clock runs.
    stuck TEXT,
    needs_approver BOOLEAN NOT NULL,
    needs_reason BOOLEAN NOT NULL,
    breach_approver BIGINT,
    breach_reason TEXT,
    breach_answered_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (org, rule_id, subject_kind, subject, occasion),
    CONSTRAINT promise_evidence CHECK (done_at IS NULL OR evidence IS NOT NULL),
    CONSTRAINT promise_verdict CHECK ((state IN ('kept', 'broken', 'withdrawn')) = (verdict_at IS NOT NULL))
);
CREATE INDEX promise_next ON promise (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX promise_subject ON promise (subject, subject_kind);
CREATE INDEX promise_board ON promise (org, opened_at);
CREATE INDEX promise_breaches ON promise (org, verdict_at)
    WHERE state = 'broken' AND breach_answered_at IS NULL;

-- When its clock stood still and why. A pause is ended, never taken away.
CREATE TABLE promise_pause (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    promise BIGINT NOT NULL REFERENCES promise (id),
    reason TEXT NOT NULL CHECK (reason <> ''),
    note TEXT NOT NULL,
    paused_at BIGINT NOT NULL,
    paused_by TEXT NOT NULL,
    resumed_at BIGINT,
    resumed_by TEXT,
    CHECK (resumed_at >= paused_at)
);
CREATE INDEX promise_pause_promise ON promise_pause (promise, id);
-- One reason stops a clock once at a time.
CREATE UNIQUE INDEX promise_pause_open ON promise_pause (promise, reason) WHERE resumed_at IS NULL;

-- What followed from its clock: warnings, whom it was escalated to, the verdict, changes of rule.
CREATE TABLE promise_step (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    promise BIGINT NOT NULL REFERENCES promise (id),
    kind TEXT NOT NULL CONSTRAINT promise_step_kind
        CHECK (kind IN ('warning', 'escalation', 'verdict', 'rule_changed', 'breach_answered')),
    share_percent BIGINT,
    -- The role told, or the verdict, or the new rule's id.
    detail TEXT NOT NULL,
    -- When it was reached, and when that was noticed.
    reached_at BIGINT NOT NULL,
    noted_at BIGINT NOT NULL
);
CREATE INDEX promise_step_promise ON promise_step (promise, id);
