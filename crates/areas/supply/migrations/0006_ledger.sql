-- Double-entry accounts, named by code and owner: the customer account for receivables, 0 for
-- the company's own. Balances equal the sum of the transfers, always.
CREATE TABLE ledger_account (
  org BIGINT NOT NULL,
  code TEXT NOT NULL,
  owner BIGINT NOT NULL,
  currency TEXT NOT NULL,
  debits_units BIGINT NOT NULL CHECK (debits_units >= 0),
  credits_units BIGINT NOT NULL CHECK (credits_units >= 0),
  PRIMARY KEY (org, code, owner, currency)
);

-- Transfers are never changed. `id` is chosen by whoever asks, so asking twice books once.
CREATE TABLE ledger_transfer (
  org BIGINT NOT NULL,
  id TEXT NOT NULL,
  debit_code TEXT NOT NULL,
  debit_owner BIGINT NOT NULL,
  credit_code TEXT NOT NULL,
  credit_owner BIGINT NOT NULL,
  amount_units BIGINT NOT NULL CHECK (amount_units > 0),
  currency TEXT NOT NULL,
  subject BIGINT NOT NULL,
  memo TEXT NOT NULL,
  booked_on TEXT NOT NULL,
  booked_at BIGINT NOT NULL,
  CHECK (debit_code <> credit_code OR debit_owner <> credit_owner),
  PRIMARY KEY (org, id)
);
CREATE INDEX ledger_transfer_by_debit ON ledger_transfer (org, debit_owner, booked_at);
CREATE INDEX ledger_transfer_by_credit ON ledger_transfer (org, credit_owner, booked_at);
CREATE INDEX ledger_transfer_by_subject ON ledger_transfer (org, subject);
