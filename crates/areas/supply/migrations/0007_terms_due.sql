-- Usage points whose terms become different on a day: written in the transaction that changes an
-- agreement or an installation, taken by the settlement of that day or the next one after it, so
-- that a night asks for what changed and not for everybody. `run` is the settlement that is at it.
CREATE TABLE terms_due (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  day TEXT NOT NULL,
  usage_point BIGINT NOT NULL,
  run BIGINT
);
CREATE INDEX terms_due_by_day ON terms_due (org, day);
CREATE INDEX terms_due_by_run ON terms_due (org, run);
