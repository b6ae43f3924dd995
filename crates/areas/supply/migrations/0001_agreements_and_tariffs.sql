-- Tariff documents as published: the text, its hash and the dates it is in force; also the
-- tables and calendars that tariffs name. A published document is never changed; a decree that
-- changes prices is a new version.
CREATE TABLE tariff_document (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('tariff', 'power_factor_table', 'calendar')),
  code TEXT NOT NULL,
  version BIGINT NOT NULL,
  title TEXT NOT NULL,
  region TEXT NOT NULL,
  valid_from TEXT,
  valid_to TEXT,
  document TEXT NOT NULL,
  document_sha256 TEXT NOT NULL,
  published_at BIGINT NOT NULL,
  published_by BIGINT NOT NULL,
  CHECK (valid_to IS NULL OR valid_to > valid_from),
  UNIQUE (org, kind, code, version)
);

-- What a usage point is supplied and billed under (供用电合同), for a half-open range of days.
-- A change of tariff, capacity or demand is a new row that starts where the old one ends.
CREATE TABLE agreement (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  account BIGINT NOT NULL,
  usage_point BIGINT NOT NULL,
  tariff_code TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT,
  capacity_ukva BIGINT NOT NULL DEFAULT 0 CHECK (capacity_ukva >= 0),
  contract_demand_ukw BIGINT NOT NULL DEFAULT 0 CHECK (contract_demand_ukw >= 0),
  basic_charge TEXT NOT NULL CHECK (basic_charge IN ('none', 'capacity', 'contract_demand', 'actual_demand')),
  family_of_five BOOLEAN NOT NULL DEFAULT FALSE,
  low_income BOOLEAN NOT NULL DEFAULT FALSE,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  ended_reason TEXT,
  version BIGINT NOT NULL DEFAULT 1,
  CHECK (valid_to IS NULL OR valid_to > valid_from),
  UNIQUE (org, usage_point, valid_from)
);
CREATE INDEX agreement_by_account ON agreement (org, account);
