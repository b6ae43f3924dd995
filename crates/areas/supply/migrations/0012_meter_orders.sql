-- Work orders on meters: rotation (周期轮换) of a meter whose verification ends, or a fault
-- (计量故障). A fault ends with the decision whether energy is adjusted (退补电量), and with nothing
-- else.
CREATE TABLE meter_order (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('rotation', 'fault')),
  state TEXT NOT NULL CHECK (state IN ('open', 'assigned', 'exchanged', 'done', 'cancelled')),
  meter BIGINT NOT NULL,
  usage_point BIGINT NOT NULL,
  account BIGINT NOT NULL,
  -- Of a fault: its kind in the catalogue.
  code TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  due_on TEXT NOT NULL,
  planned_on TEXT,
  crew TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  -- What was hung instead, when, and until when the old meter is kept in case of doubt.
  new_meter BIGINT,
  exchanged_on TEXT,
  kept_until TEXT,
  decision TEXT CHECK (decision IN ('adjust', 'no_adjust')),
  adjusted_ukwh BIGINT,
  decision_reason TEXT,
  decided_at BIGINT,
  decided_by BIGINT,
  closed_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1,
  CHECK (kind = 'rotation' OR state <> 'cancelled'),
  CHECK (kind = 'rotation' OR state <> 'done' OR decision IS NOT NULL),
  CHECK ((decision = 'adjust') = (adjusted_ukwh IS NOT NULL) OR decision IS NULL),
  CHECK ((new_meter IS NULL) = (exchanged_on IS NULL))
);
-- A meter has one open order of a kind.
CREATE UNIQUE INDEX meter_order_open ON meter_order (org, meter, kind)
  WHERE state IN ('open', 'assigned', 'exchanged');
CREATE INDEX meter_order_by_due ON meter_order (org, due_on, id);
