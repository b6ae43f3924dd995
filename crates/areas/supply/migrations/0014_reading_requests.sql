-- Readings that are asked for: of a meter at once (召测), of the night's missing ones by the plan of
-- retries, of days from a meter's memory (补抄), or of somebody who goes there with a handheld. The
-- head-end fetches those that are for it and posts the answers.
CREATE TABLE reading_request (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  usage_point BIGINT NOT NULL,
  meter BIGINT NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('on_demand', 'retry', 'memory', 'field')),
  state TEXT NOT NULL CHECK (state IN ('open', 'handed', 'answered', 'expired', 'cancelled')),
  -- The business days that are wanted.
  day_from TEXT NOT NULL,
  day_to TEXT NOT NULL,
  -- The finding about the missing reading; 0: none.
  exception BIGINT NOT NULL,
  attempt BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  asked_by BIGINT NOT NULL,
  -- Not before, and by when.
  next_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  handed_at BIGINT,
  answered_at BIGINT,
  -- What the head-end said when it could not.
  failure TEXT NOT NULL,
  CHECK (day_to > day_from),
  CHECK ((state = 'answered') = (answered_at IS NOT NULL))
);
CREATE UNIQUE INDEX reading_request_open ON reading_request (org, usage_point, purpose, day_from)
  WHERE state IN ('open', 'handed');
CREATE INDEX reading_request_by_state ON reading_request (org, state, purpose, next_at, id);
CREATE INDEX reading_request_of_point ON reading_request (org, usage_point, id);
CREATE INDEX reading_request_of_exception ON reading_request (org, exception) WHERE exception <> 0;

-- Registered handhelds (抄表机): a reading taken by hand counts only from one of these. The token is
-- kept as its SHA-256 and shown once.
CREATE TABLE field_device (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  name TEXT NOT NULL,
  holder TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  registered_at BIGINT NOT NULL,
  registered_by BIGINT NOT NULL,
  seen_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX field_device_of_org ON field_device (org, id);

-- A reading as a handheld delivered it: its own time and place stay beside when it came.
CREATE TABLE field_reading (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  device BIGINT NOT NULL,
  -- Chosen by the handheld: a reading that is sent twice counts once.
  client_key TEXT NOT NULL,
  usage_point BIGINT NOT NULL,
  meter BIGINT NOT NULL,
  device_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  -- Millionths of a degree.
  latitude_udeg BIGINT,
  longitude_udeg BIGINT,
  registers TEXT NOT NULL,
  note TEXT NOT NULL,
  photo_type TEXT,
  UNIQUE (org, device, client_key)
);
CREATE INDEX field_reading_of_point ON field_reading (org, usage_point, id);
