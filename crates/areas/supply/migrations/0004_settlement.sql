-- A day that is settled for an organisation. `state_version` names the lake files it stands on;
-- a correction raises it.
CREATE TABLE settled_day (
  org BIGINT NOT NULL,
  day TEXT NOT NULL,
  state_version BIGINT NOT NULL,
  run BIGINT NOT NULL,
  usage_point_count BIGINT NOT NULL,
  read_count BIGINT NOT NULL,
  estimated_count BIGINT NOT NULL,
  exception_count BIGINT NOT NULL,
  energy_ukwh BIGINT NOT NULL,
  charge_units BIGINT NOT NULL,
  settled_at BIGINT NOT NULL,
  PRIMARY KEY (org, day)
);

-- One run over one or more days: what it was asked, how far it is, what it made.
CREATE TABLE settlement_run (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('daily', 'late_readings', 'decision')),
  day_from TEXT NOT NULL,
  day_to TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'stopped')),
  days_done BIGINT NOT NULL DEFAULT 0,
  days_total BIGINT NOT NULL,
  message TEXT,
  started_at BIGINT NOT NULL,
  finished_at BIGINT,
  started_by BIGINT NOT NULL
);
CREATE INDEX settlement_run_recent ON settlement_run (org, id);

-- What a late or corrected reading changed in a settled day.
CREATE TABLE resettlement (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  run BIGINT NOT NULL,
  usage_point BIGINT NOT NULL,
  day TEXT NOT NULL,
  energy_before_ukwh BIGINT NOT NULL,
  energy_after_ukwh BIGINT NOT NULL,
  charge_before_units BIGINT NOT NULL,
  charge_after_units BIGINT NOT NULL,
  UNIQUE (org, run, usage_point, day)
);
CREATE INDEX resettlement_by_usage_point ON resettlement (org, usage_point, day);

-- Measured temperatures, for windows that a hot spell changes (tenths of a degree Celsius).
CREATE TABLE weather_day (
  org BIGINT NOT NULL,
  station TEXT NOT NULL,
  day TEXT NOT NULL,
  max_dc BIGINT NOT NULL CHECK (max_dc BETWEEN -900 AND 600),
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (org, station, day)
);
