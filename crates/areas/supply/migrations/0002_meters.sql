-- Meter assets (电能表). `digits` whole digits before the register rolls over to zero; readings
-- are integers of 10^-`register_scale` kWh.
CREATE TABLE meter (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  asset_no TEXT NOT NULL,
  model TEXT NOT NULL,
  phases BIGINT NOT NULL CHECK (phases IN (1, 3)),
  digits BIGINT NOT NULL CHECK (digits BETWEEN 3 AND 9),
  register_scale BIGINT NOT NULL CHECK (register_scale BETWEEN 0 AND 6),
  has_tou BOOLEAN NOT NULL,
  has_demand BOOLEAN NOT NULL,
  interval_minutes BIGINT NOT NULL DEFAULT 0 CHECK (interval_minutes IN (0, 15, 30, 60)),
  made_on TEXT,
  expires_on TEXT,
  state TEXT NOT NULL CHECK (state IN ('in_stock', 'installed', 'removed', 'scrapped')),
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  UNIQUE (org, asset_no)
);

-- Which meter measured a usage point from when to when. An exchange (换表) ends one row and
-- starts the next on the same day, with closing and opening reads, so consumption continues.
CREATE TABLE meter_installation (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  meter BIGINT NOT NULL,
  usage_point BIGINT NOT NULL,
  ratio_numerator BIGINT NOT NULL CHECK (ratio_numerator > 0),
  ratio_denominator BIGINT NOT NULL CHECK (ratio_denominator > 0),
  installed_on TEXT NOT NULL,
  removed_on TEXT,
  opening_registers TEXT NOT NULL,
  closing_registers TEXT,
  removal_reason TEXT,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  CHECK (removed_on IS NULL OR removed_on >= installed_on),
  CHECK ((removed_on IS NULL) = (closing_registers IS NULL))
);
CREATE INDEX meter_installation_by_usage_point ON meter_installation (org, usage_point);
CREATE UNIQUE INDEX meter_installed_once ON meter_installation (org, meter) WHERE removed_on IS NULL;
CREATE UNIQUE INDEX usage_point_metered_once ON meter_installation (org, usage_point) WHERE removed_on IS NULL;
