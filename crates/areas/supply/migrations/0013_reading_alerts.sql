-- Alerts about readings: somebody looks at each by a time, and says what it was. Raised by a finding
-- that stops a bill, a person who logs an error of the catalogue (抄表差错), a concentrator all of
-- whose meters are silent, a reading from the field that does not fit. `source_key` names what raised
-- it, so that the same thing raises one.
CREATE TABLE reading_alert (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('finding', 'error', 'concentrator', 'field')),
  code TEXT NOT NULL,
  source_key TEXT NOT NULL,
  -- 0: not about one of them.
  usage_point BIGINT NOT NULL,
  exception BIGINT NOT NULL,
  concentrator TEXT NOT NULL,
  day TEXT,
  note TEXT NOT NULL,
  raised_at BIGINT NOT NULL,
  raised_by BIGINT NOT NULL,
  -- Who is to look; 0: whoever may decide.
  owner BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  acknowledged_at BIGINT,
  acknowledged_by BIGINT,
  escalated_at BIGINT,
  state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed')),
  outcome TEXT CHECK (outcome IN ('confirmed', 'false_alarm', 'no_longer')),
  outcome_note TEXT,
  closed_at BIGINT,
  closed_by BIGINT,
  version BIGINT NOT NULL DEFAULT 1,
  CHECK ((state = 'closed') = (outcome IS NOT NULL)),
  UNIQUE (org, source_key)
);
CREATE INDEX reading_alert_by_due ON reading_alert (org, state, due_at, id);
