-- One import of a file. Its rows go to the lake in chunks; `row_count` rows are done, and there
-- it resumes. The same file (by hash) is imported once; one that was refused may come again.
CREATE TABLE reading_import (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  file_name TEXT NOT NULL,
  file_sha256 TEXT NOT NULL,
  format TEXT NOT NULL,
  policy TEXT NOT NULL CHECK (policy IN ('keep_good', 'refuse_whole')),
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'refused')),
  row_count BIGINT NOT NULL DEFAULT 0,
  good_count BIGINT NOT NULL DEFAULT 0,
  bad_count BIGINT NOT NULL DEFAULT 0,
  first_on TEXT,
  last_on TEXT,
  started_at BIGINT NOT NULL,
  finished_at BIGINT,
  started_by BIGINT NOT NULL,
  refusal TEXT,
  UNIQUE (org, file_sha256)
);

-- A row that was not taken, with its line, column and reason: the quarantine people work off.
CREATE TABLE reading_import_error (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  import BIGINT NOT NULL,
  line BIGINT NOT NULL,
  field TEXT NOT NULL,
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  content TEXT NOT NULL,
  UNIQUE (org, import, line, field, content)
);

-- What validation found in one usage point's day, until a person decides (异常工单).
CREATE TABLE reading_exception (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  usage_point BIGINT NOT NULL,
  account BIGINT NOT NULL,
  meter BIGINT NOT NULL,
  day TEXT NOT NULL,
  rule TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('note', 'warn', 'stop')),
  finding TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'decided', 'cleared')),
  decision TEXT CHECK (decision IN ('accept', 'estimate', 'replace', 'field_check')),
  reason TEXT,
  decided_by BIGINT,
  decided_at BIGINT,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  -- A field check is a decision that leaves the finding open.
  CHECK (state <> 'decided' OR decision IS NOT NULL),
  CHECK (state <> 'open' OR decision IS NULL OR decision = 'field_check'),
  UNIQUE (org, usage_point, day, rule)
);
CREATE INDEX reading_exception_open ON reading_exception (org, state, day, id);

-- Reading success of one 台区 on one day (采集成功率).
CREATE TABLE collection_day (
  org BIGINT NOT NULL,
  day TEXT NOT NULL,
  transformer_area BIGINT NOT NULL,
  expected_count BIGINT NOT NULL,
  received_count BIGINT NOT NULL,
  dedicated_expected_count BIGINT NOT NULL,
  dedicated_received_count BIGINT NOT NULL,
  PRIMARY KEY (org, day, transformer_area)
);

-- Usage points with readings for days that were settled before they came. Whoever settles them
-- again takes the rows of the batches it has seen away.
CREATE TABLE reading_late (
  org BIGINT NOT NULL,
  batch BIGINT NOT NULL,
  usage_point BIGINT NOT NULL,
  first_on TEXT NOT NULL,
  PRIMARY KEY (org, batch, usage_point)
);

-- Which opening and closing registers of installations stand in the lake as readings (装拆示数).
CREATE TABLE reading_exchange (
  org BIGINT NOT NULL,
  installation BIGINT NOT NULL,
  closing BOOLEAN NOT NULL,
  PRIMARY KEY (org, installation, closing)
);
