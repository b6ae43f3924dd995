-- A month close: one per organisation and period.
CREATE TABLE bill_run (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  period_from TEXT NOT NULL,
  period_to TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  bills_done BIGINT NOT NULL DEFAULT 0,
  bills_total BIGINT NOT NULL DEFAULT 0,
  started_at BIGINT NOT NULL,
  finished_at BIGINT,
  started_by BIGINT NOT NULL,
  message TEXT,
  CHECK (period_to > period_from),
  UNIQUE (org, period_from)
);

-- A bill (电费单). Issued bills never change: a correction is a new bill that `replaces` it.
CREATE TABLE bill (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  bill_no TEXT NOT NULL,
  run BIGINT,
  account BIGINT NOT NULL,
  agreement BIGINT NOT NULL,
  usage_point BIGINT NOT NULL,
  transformer_area BIGINT NOT NULL,
  period_from TEXT NOT NULL,
  period_to TEXT NOT NULL,
  sequence BIGINT NOT NULL CHECK (sequence >= 1),
  state TEXT NOT NULL CHECK (state IN ('review', 'ready', 'issued', 'replaced')),
  currency TEXT NOT NULL,
  total_units BIGINT NOT NULL,
  daily_charge_units BIGINT NOT NULL,
  energy_ukwh BIGINT NOT NULL,
  day_count BIGINT NOT NULL,
  estimated_day_count BIGINT NOT NULL,
  tariff_document BIGINT NOT NULL,
  facts TEXT NOT NULL,
  review_reasons TEXT NOT NULL,
  state_version BIGINT NOT NULL,
  replaces BIGINT,
  due_on TEXT,
  issued_at BIGINT,
  issued_by BIGINT,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  CHECK (period_to > period_from),
  CHECK ((state IN ('issued', 'replaced')) = (issued_at IS NOT NULL)),
  UNIQUE (org, bill_no),
  UNIQUE (org, usage_point, period_from, sequence)
);
CREATE INDEX bill_by_account ON bill (org, account, period_from);
CREATE INDEX bill_by_state ON bill (org, state, id);
CREATE INDEX bill_by_run ON bill (org, run);

-- Usage points with an agreement but without a settled day in the period: no bill, and why.
CREATE TABLE bill_skipped (
  org BIGINT NOT NULL,
  run BIGINT NOT NULL,
  usage_point BIGINT NOT NULL,
  PRIMARY KEY (org, run, usage_point)
);

CREATE TABLE bill_line (
  org BIGINT NOT NULL,
  bill BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,
  amount_units BIGINT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (org, bill, seq)
);

-- A correction (退补): why a bill was made again, and what it changed.
CREATE TABLE bill_correction (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  bill_before BIGINT NOT NULL,
  bill_after BIGINT NOT NULL,
  cause TEXT NOT NULL CHECK (cause IN ('reading', 'meter_error', 'tariff', 'agreement', 'estimate_trued_up', 'other')),
  reason TEXT NOT NULL,
  total_before_units BIGINT NOT NULL,
  total_after_units BIGINT NOT NULL,
  corrected_at BIGINT NOT NULL,
  corrected_by BIGINT NOT NULL,
  UNIQUE (org, bill_before)
);
