-- Double-entry accounts. `owner` is a customer account for receivables and null for the
-- company's own. Balances equal the sum of the transfers, always.
CREATE TABLE ledger_account (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  code TEXT NOT NULL,
  owner BIGINT NOT NULL DEFAULT 0,
  currency TEXT NOT NULL,
  debits_units BIGINT NOT NULL DEFAULT 0 CHECK (debits_units >= 0),
  credits_units BIGINT NOT NULL DEFAULT 0 CHECK (credits_units >= 0),
  created_at BIGINT NOT NULL,
  UNIQUE (org, code, owner, currency)
);

-- Transfers are never changed. `id` is chosen by whoever asks, so asking twice books once.
CREATE TABLE ledger_transfer (
  id TEXT NOT NULL,
  org BIGINT NOT NULL,
  debit BIGINT NOT NULL,
  credit BIGINT NOT NULL,
  amount_units BIGINT NOT NULL CHECK (amount_units > 0),
  currency TEXT NOT NULL,
  subject BIGINT NOT NULL,
  memo TEXT NOT NULL,
  booked_on TEXT NOT NULL,
  booked_at BIGINT NOT NULL,
  CHECK (debit <> credit),
  PRIMARY KEY (org, id)
);
CREATE INDEX ledger_transfer_by_debit ON ledger_transfer (org, debit, booked_at);
CREATE INDEX ledger_transfer_by_credit ON ledger_transfer (org, credit, booked_at);
CREATE INDEX ledger_transfer_by_subject ON ledger_transfer (org, subject);
