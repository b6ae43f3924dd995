-- A file that a person handed in through the console: looked through first, taken in when they say
-- so. Its bytes lie in the lake's store under `intake/` until it is taken in or put aside.
CREATE TABLE intake_file (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('customers', 'meters', 'agreements', 'readings')),
  file_name TEXT NOT NULL,
  format TEXT NOT NULL,
  policy TEXT NOT NULL CHECK (policy IN ('keep_good', 'refuse_whole')),
  byte_count BIGINT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('checking', 'checked', 'importing', 'done', 'refused', 'discarded')),
  row_count BIGINT NOT NULL DEFAULT 0,
  new_count BIGINT NOT NULL DEFAULT 0,
  known_count BIGINT NOT NULL DEFAULT 0,
  bad_count BIGINT NOT NULL DEFAULT 0,
  -- The import of readings that it became.
  import BIGINT,
  refusal TEXT,
  handed_in_by BIGINT NOT NULL,
  handed_in_at BIGINT NOT NULL,
  finished_at BIGINT
);
CREATE INDEX intake_file_newest ON intake_file (org, id);

-- What is wrong with a row of such a file: its line, column and reason.
CREATE TABLE intake_fault (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  file BIGINT NOT NULL,
  line BIGINT NOT NULL,
  field TEXT NOT NULL,
  reason TEXT NOT NULL,
  content TEXT NOT NULL
);
CREATE INDEX intake_fault_of_file ON intake_fault (org, file, id);
