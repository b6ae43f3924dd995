-- A bill covers the days on which its account was supplied, which need not be a whole month: who
-- moves out gets a final bill, who moves in one from that day on. `month_on` is the first day of
-- the month that it is closed, reviewed and issued with (电费月).
ALTER TABLE bill ADD COLUMN month_on TEXT NOT NULL DEFAULT '';
UPDATE bill SET month_on = period_from;
CREATE INDEX bill_by_month ON bill (org, month_on, state, id);

-- What a late reading changed beside the charge of a day: the month's bill is made of it too, by
-- its basic charge and its power factor.
ALTER TABLE resettlement ADD COLUMN demand_before_ukw BIGINT NOT NULL DEFAULT 0;
ALTER TABLE resettlement ADD COLUMN demand_after_ukw BIGINT NOT NULL DEFAULT 0;
ALTER TABLE resettlement ADD COLUMN reactive_forward_before_ukvarh BIGINT NOT NULL DEFAULT 0;
ALTER TABLE resettlement ADD COLUMN reactive_forward_after_ukvarh BIGINT NOT NULL DEFAULT 0;
ALTER TABLE resettlement ADD COLUMN reactive_reverse_before_ukvarh BIGINT NOT NULL DEFAULT 0;
ALTER TABLE resettlement ADD COLUMN reactive_reverse_after_ukvarh BIGINT NOT NULL DEFAULT 0;
