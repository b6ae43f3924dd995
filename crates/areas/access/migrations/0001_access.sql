-- Who may do what, where. One text for SQLite and PostgreSQL.

-- The organisation tree: company, bureaus, stations. A right given at one holds for all below it.
CREATE TABLE organisation (
    id BIGINT PRIMARY KEY,
    parent BIGINT REFERENCES organisation (id),
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (code)
);

-- Every pair of an organisation and one above it (or itself), so that a subtree is one lookup.
CREATE TABLE organisation_path (
    ancestor BIGINT NOT NULL REFERENCES organisation (id),
    descendant BIGINT NOT NULL REFERENCES organisation (id),
    depth BIGINT NOT NULL,
    PRIMARY KEY (ancestor, descendant)
);
CREATE INDEX organisation_path_descendant ON organisation_path (descendant, depth);

CREATE TABLE role (
    id BIGINT PRIMARY KEY,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    UNIQUE (code)
);

CREATE TABLE role_right (
    role BIGINT NOT NULL REFERENCES role (id),
    right_name TEXT NOT NULL,
    PRIMARY KEY (role, right_name)
);

CREATE TABLE staff (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL REFERENCES organisation (id),
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    failures BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT NOT NULL DEFAULT 0,
    password_at BIGINT NOT NULL,
    signed_in_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (login)
);
CREATE INDEX staff_org ON staff (org, id);

CREATE TABLE role_grant (
    staff BIGINT NOT NULL REFERENCES staff (id),
    role BIGINT NOT NULL REFERENCES role (id),
    org BIGINT NOT NULL REFERENCES organisation (id),
    granted_at BIGINT NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (staff, role, org)
);

-- A session is known by the hash of its token only: who reads this table can open none.
CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    staff BIGINT REFERENCES staff (id),
    account BIGINT,
    org BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    origin TEXT NOT NULL,
    CONSTRAINT session_of_one CHECK ((staff IS NULL) <> (account IS NULL))
);
CREATE INDEX session_staff ON session (staff);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expiry ON session (expires_at);

-- Codes that customers sign in with, once.
CREATE TABLE one_time_code (
    id BIGINT PRIMARY KEY,
    account BIGINT NOT NULL,
    org BIGINT NOT NULL,
    code_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    used BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX one_time_code_account ON one_time_code (account, created_at);

-- Keys for programs: some rights, at one organisation and below.
CREATE TABLE api_token (
    id BIGINT PRIMARY KEY,
    org BIGINT NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    UNIQUE (token_hash)
);

CREATE TABLE api_token_right (
    token BIGINT NOT NULL REFERENCES api_token (id),
    right_name TEXT NOT NULL,
    PRIMARY KEY (token, right_name)
);
