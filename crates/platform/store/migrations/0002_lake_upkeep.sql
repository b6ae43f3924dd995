-- A file may hold several days of one calendar month, from day to last_day, when the files of the
-- days were packed into it. When a file was replaced, so that it can be removed some time later.
ALTER TABLE lake_file ADD COLUMN last_day TEXT NOT NULL DEFAULT '';
ALTER TABLE lake_file ADD COLUMN superseded_at BIGINT;
UPDATE lake_file SET last_day = day;
CREATE INDEX lake_file_superseded ON lake_file (org, superseded_at) WHERE superseded_at IS NOT NULL;
