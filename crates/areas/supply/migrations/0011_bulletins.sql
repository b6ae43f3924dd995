-- What customers are told about readings on the portal: to everybody (of a 台区, or of the
-- organisation), such as a new reading day, a term of meter rotation, how estimates are made.
CREATE TABLE bulletin (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('reading_day', 'estimation', 'meter_change', 'other')),
  -- 0: everybody.
  transformer_area BIGINT NOT NULL,
  title_zh TEXT NOT NULL,
  title_en TEXT NOT NULL,
  body_zh TEXT NOT NULL,
  body_en TEXT NOT NULL,
  -- The first day on which it holds.
  effective_on TEXT NOT NULL,
  -- Day of the month on which meters are read from then on, for a new reading day.
  reading_day BIGINT CHECK (reading_day BETWEEN 1 AND 28),
  published_at BIGINT NOT NULL,
  published_by BIGINT NOT NULL,
  withdrawn_at BIGINT,
  CHECK ((kind = 'reading_day') = (reading_day IS NOT NULL))
);
CREATE INDEX bulletin_newest ON bulletin (org, id);

-- What one customer is told on the portal, with the number of the event that staff see, too.
CREATE TABLE customer_message (
  id BIGINT PRIMARY KEY,
  org BIGINT NOT NULL,
  account BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('unusual_use', 'use_confirmed', 'meter_change', 'other')),
  -- The finding, order or other row that both sides can name.
  event BIGINT NOT NULL,
  words_zh TEXT NOT NULL,
  words_en TEXT NOT NULL,
  told_at BIGINT NOT NULL,
  UNIQUE (org, account, kind, event)
);
CREATE INDEX customer_message_of_account ON customer_message (org, account, id);
