-- The platform's own tables. One text for SQLite and PostgreSQL: BIGINT, TEXT, BOOLEAN only;
-- instants are microseconds UTC, days are ISO text.

-- Which node number each running process makes ids with.
CREATE TABLE node (
    number BIGINT PRIMARY KEY,
    lease_until BIGINT NOT NULL,
    leased_by TEXT NOT NULL
);

-- What happened, for ever. Written in the transaction that made it happen.
CREATE TABLE fact (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject BIGINT NOT NULL,
    payload TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    request TEXT NOT NULL
);
CREATE INDEX fact_subject ON fact (subject, id);
CREATE INDEX fact_kind ON fact (org, kind, id);

-- Work to do. A worker holds a job until lease_until; attempts counts the leases and fences off a
-- worker that lost its own; takeovers counts the workers that died over it without any progress.
CREATE TABLE job (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedup TEXT,
    state TEXT NOT NULL CONSTRAINT job_state CHECK (state IN ('queued', 'running', 'done', 'dead', 'cancelled')),
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    failures BIGINT NOT NULL DEFAULT 0,
    takeovers BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    leased_by TEXT,
    progress_done BIGINT NOT NULL DEFAULT 0,
    progress_total BIGINT NOT NULL DEFAULT 0,
    progress_message TEXT NOT NULL DEFAULT '',
    last_error TEXT,
    cancel_asked BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
-- Two requests for the same work wait as one; a request that comes while it runs waits for the next run.
CREATE UNIQUE INDEX job_name_dedup_key ON job (name, dedup) WHERE state = 'queued' AND dedup IS NOT NULL;
CREATE INDEX job_due ON job (run_at, id) WHERE state = 'queued';
CREATE INDEX job_running ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_list ON job (state, id);

-- When each reconciler is next due.
CREATE TABLE timer (
    name TEXT PRIMARY KEY,
    next_at BIGINT NOT NULL
);

-- Who did or tried what, to which object, and why they looked at personal data.
CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    org BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    purpose TEXT,
    outcome TEXT NOT NULL CONSTRAINT audit_outcome CHECK (outcome IN ('allowed', 'refused')),
    before_json TEXT,
    after_json TEXT,
    request TEXT NOT NULL
);
CREATE INDEX audit_object ON audit (object, id);
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_org ON audit (org, id);

-- Answers already given, so that a repeated request is answered and not done again.
CREATE TABLE idempotency (
    actor TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT,
    body TEXT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (actor, route, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- The files of the lake that count. A file without its row here does not exist.
CREATE TABLE lake_file (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL,
    dataset TEXT NOT NULL,
    day TEXT NOT NULL,
    version BIGINT NOT NULL,
    path TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    byte_count BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    run_id BIGINT,
    superseded BOOLEAN NOT NULL DEFAULT FALSE,
    UNIQUE (org, dataset, day, version),
    UNIQUE (path)
);
