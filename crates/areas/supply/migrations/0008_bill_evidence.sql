-- What a bill was rated by (tariff versions, listed prices, components) stands with the bill, so
-- that it is shown and compared as it was made, whatever was settled again since.
ALTER TABLE bill ADD COLUMN estimated_ukwh BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bill ADD COLUMN rated TEXT NOT NULL DEFAULT '{}';

-- A correction also says which period of which usage point it belongs to, and keeps the lines of
-- a bill that was made again before it was issued: that bill itself is gone.
ALTER TABLE bill_correction ADD COLUMN usage_point BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bill_correction ADD COLUMN period_from TEXT NOT NULL DEFAULT '';
ALTER TABLE bill_correction ADD COLUMN lines_before TEXT NOT NULL DEFAULT '[]';
UPDATE bill_correction
   SET usage_point = (SELECT b.usage_point FROM bill b WHERE b.org = bill_correction.org AND b.id = bill_after),
       period_from = (SELECT b.period_from FROM bill b WHERE b.org = bill_correction.org AND b.id = bill_after);
CREATE INDEX bill_correction_by_period ON bill_correction (org, usage_point, period_from);

-- Why a usage point of a closed month got no bill: no settled day, two accounts within the month,
-- or a tariff that could not rate it, with the words of the engine.
ALTER TABLE bill_skipped ADD COLUMN reason TEXT NOT NULL DEFAULT 'no_days';
ALTER TABLE bill_skipped ADD COLUMN detail TEXT NOT NULL DEFAULT '';

-- A bill that its customer does not accept (电费争议): what they say, what the bill came to when it
-- was computed again at once from its own inputs and from those of that moment, and the answer.
CREATE TABLE bill_dispute (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  bill BIGINT NOT NULL,
  account BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  claim TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  opened_by TEXT NOT NULL,
  is_as_billed BOOLEAN NOT NULL,
  total_billed_units BIGINT NOT NULL,
  total_now_units BIGINT,
  outcome TEXT CHECK (outcome IN ('upheld', 'corrected')),
  answer TEXT,
  bill_after BIGINT,
  closed_at BIGINT,
  closed_by BIGINT,
  version BIGINT NOT NULL DEFAULT 1,
  CHECK ((state = 'closed') = (outcome IS NOT NULL)),
  CHECK ((outcome = 'corrected') = (bill_after IS NOT NULL) OR outcome IS NULL)
);
CREATE UNIQUE INDEX bill_disputed_once ON bill_dispute (org, bill) WHERE state = 'open';
