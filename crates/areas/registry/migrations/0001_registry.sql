-- The spine: people, accounts, places and usage points, and the network that feeds them.
-- Conventions: ids, instants (microseconds, UTC) and versions are BIGINT, business dates ISO TEXT,
-- periods half-open. `version` rises by one with every change of an editable row.

-- Where electricity comes from -------------------------------------------------------------------

CREATE TABLE substation (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    code TEXT NOT NULL CHECK (code <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    UNIQUE (org, code)
);

CREATE TABLE feeder (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    substation BIGINT NOT NULL REFERENCES substation (id),
    code TEXT NOT NULL CHECK (code <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    -- Nominal voltage in volts: 10000 for a 10 kV line.
    voltage_v BIGINT CHECK (voltage_v > 0),
    UNIQUE (org, code)
);

CREATE INDEX feeder_by_substation ON feeder (substation);

-- 台区: a distribution transformer and the low-voltage network behind it.
CREATE TABLE transformer_area (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    feeder BIGINT NOT NULL REFERENCES feeder (id),
    code TEXT NOT NULL CHECK (code <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    -- Rated capacity in millionths of a kVA.
    capacity_ukva BIGINT NOT NULL CHECK (capacity_ukva >= 0),
    -- 台区经理: a user of `access`.
    manager_user BIGINT,
    UNIQUE (org, code)
);

CREATE INDEX transformer_area_by_feeder ON transformer_area (feeder);

-- Who ----------------------------------------------------------------------------------------------

CREATE TABLE person (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'company')),
    name TEXT NOT NULL CHECK (name <> ''),
    -- 拼音, full, lower case, without tones, syllables run together: 张伟 is zhangwei.
    name_pinyin TEXT NOT NULL,
    -- First letters of the syllables: 张伟 is zw.
    name_initials TEXT NOT NULL,
    -- What the identity document says when it differs from the identities kept: type and note.
    id_document TEXT,
    language TEXT NOT NULL DEFAULT 'zh',
    -- Set while this person is merged into another; the rows that moved are in person_merge_item.
    merged_into BIGINT REFERENCES person (id),
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    CHECK (merged_into <> id)
);

CREATE TABLE person_identity (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    person BIGINT NOT NULL REFERENCES person (id),
    scheme TEXT NOT NULL CHECK (scheme IN ('phone', 'id_card', 'credit_code', 'passport', 'wechat', 'email', 'other')),
    -- In normal form: phones as E.164, documents in capitals without blanks, addresses of mail in small letters.
    value TEXT NOT NULL CHECK (value <> ''),
    verified_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (org, scheme, value, person)
);

CREATE INDEX person_identity_by_person ON person_identity (person);

CREATE TABLE contact_point (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    person BIGINT NOT NULL REFERENCES person (id),
    channel TEXT NOT NULL CHECK (channel IN ('sms', 'phone', 'email', 'wechat', 'post')),
    value TEXT NOT NULL CHECK (value <> ''),
    role TEXT NOT NULL CHECK (role IN ('payer', 'user', 'emergency')),
    verified_at BIGINT,
    preferred BOOLEAN NOT NULL DEFAULT FALSE,
    bounce_count BIGINT NOT NULL DEFAULT 0 CHECK (bounce_count >= 0),
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (person, channel, value, role)
);

CREATE TABLE consent (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    person BIGINT NOT NULL REFERENCES person (id),
    purpose TEXT NOT NULL CHECK (purpose <> ''),
    given_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    source TEXT NOT NULL,
    CHECK (withdrawn_at >= given_at)
);

CREATE INDEX consent_by_person ON consent (person);
-- One consent per purpose is in force at a time.
CREATE UNIQUE INDEX consent_in_force ON consent (person, purpose) WHERE withdrawn_at IS NULL;

-- Who was merged into whom, and what moved: enough to undo it exactly.
CREATE TABLE person_merge (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    survivor BIGINT NOT NULL REFERENCES person (id),
    absorbed BIGINT NOT NULL REFERENCES person (id),
    reason TEXT NOT NULL CHECK (reason <> ''),
    merged_at BIGINT NOT NULL,
    merged_by BIGINT,
    undone_at BIGINT,
    undone_by BIGINT,
    CHECK (survivor <> absorbed)
);

CREATE INDEX person_merge_by_survivor ON person_merge (survivor);
CREATE UNIQUE INDEX person_merge_in_force ON person_merge (absorbed) WHERE undone_at IS NULL;

CREATE TABLE person_merge_item (
    merge BIGINT NOT NULL REFERENCES person_merge (id),
    org BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('identity', 'contact', 'consent', 'account', 'mark')),
    item BIGINT NOT NULL,
    PRIMARY KEY (merge, kind, item)
);

-- What they hold -----------------------------------------------------------------------------------

-- 户号
CREATE TABLE account (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    account_no TEXT NOT NULL CHECK (account_no <> ''),
    person BIGINT NOT NULL REFERENCES person (id),
    opened_on TEXT NOT NULL,
    -- The first day on which the account is no longer open.
    closed_on TEXT,
    invoice_title TEXT,
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (org, account_no),
    CHECK (closed_on >= opened_on)
);

CREATE INDEX account_by_person ON account (person);

-- Names of places (小区, 村, 路) that service locations use: small, searched by any part of the name.
CREATE TABLE place (
    org BIGINT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    name_pinyin TEXT NOT NULL,
    name_initials TEXT NOT NULL,
    PRIMARY KEY (org, name)
);

CREATE TABLE service_location (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    address TEXT NOT NULL CHECK (address <> ''),
    address_pinyin TEXT NOT NULL,
    address_initials TEXT NOT NULL,
    -- Names in `place`; empty when the address has none.
    community TEXT NOT NULL DEFAULT '',
    street TEXT NOT NULL DEFAULT '',
    building TEXT NOT NULL DEFAULT '',
    unit TEXT NOT NULL DEFAULT '',
    version BIGINT NOT NULL DEFAULT 1
);

CREATE INDEX service_location_by_community ON service_location (org, community, building) WHERE community <> '';
CREATE INDEX service_location_by_street ON service_location (org, street) WHERE street <> '';

-- What people call the place: 老粮站, 村部.
CREATE TABLE service_location_alias (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    service_location BIGINT NOT NULL REFERENCES service_location (id),
    alias TEXT NOT NULL CHECK (alias <> ''),
    UNIQUE (service_location, alias)
);

CREATE TABLE usage_point (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    code TEXT NOT NULL CHECK (code <> ''),
    account BIGINT NOT NULL REFERENCES account (id),
    service_location BIGINT NOT NULL REFERENCES service_location (id),
    transformer_area BIGINT REFERENCES transformer_area (id),
    class TEXT NOT NULL CHECK (class IN ('residential', 'commercial', 'industrial', 'agricultural', 'other')),
    -- Supply voltage as the agreement writes it: 220V, 380V, 10kV.
    voltage TEXT NOT NULL CHECK (voltage <> ''),
    -- 专变: the customer has a transformer of its own.
    dedicated_transformer BOOLEAN NOT NULL DEFAULT FALSE,
    opened_on TEXT NOT NULL,
    closed_on TEXT,
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (org, code),
    CHECK (closed_on >= opened_on)
);

CREATE INDEX usage_point_by_account ON usage_point (account);
CREATE INDEX usage_point_by_location ON usage_point (service_location);
CREATE INDEX usage_point_by_area ON usage_point (org, transformer_area, code);

-- 户变关系 as it changed: the 台区 of a usage point on any day is the last move before it.
CREATE TABLE usage_point_move (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    usage_point BIGINT NOT NULL REFERENCES usage_point (id),
    area_before BIGINT REFERENCES transformer_area (id),
    area_after BIGINT REFERENCES transformer_area (id),
    moved_on TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);

CREATE INDEX usage_point_move_by_usage_point ON usage_point_move (usage_point, moved_on);

-- What others must know about them: important, vulnerable, entitled --------------------------------

CREATE TABLE mark (
    id BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('person', 'account', 'usage_point')),
    subject BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind <> ''),
    evidence TEXT NOT NULL,
    marked_from TEXT NOT NULL,
    marked_to TEXT,
    source TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    CHECK (marked_to > marked_from)
);

CREATE INDEX mark_by_subject ON mark (subject_kind, subject);
CREATE INDEX mark_by_kind ON mark (org, kind, subject_kind, subject);
CREATE UNIQUE INDEX mark_open ON mark (subject_kind, subject, kind) WHERE marked_to IS NULL;

-- Search -------------------------------------------------------------------------------------------

-- Every way in which people name a usage point. `term` holds small letters a to z and digits only,
-- so that a range over it means the same in every database and collation; Chinese is written as
-- three such characters each (see search/terms.rs).
CREATE TABLE search_term (
    org BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        -- numbers from their start, and phones and meters from their end (reversed)
        'account', 'code', 'meter', 'phone', 'phone_tail', 'meter_tail',
        -- names from their start, and from every later character
        'name', 'pinyin', 'initials', 'name_part', 'pinyin_part', 'initials_part',
        'alias'
    )),
    term TEXT NOT NULL CHECK (term <> ''),
    usage_point BIGINT NOT NULL,
    PRIMARY KEY (org, kind, term, usage_point)
);
