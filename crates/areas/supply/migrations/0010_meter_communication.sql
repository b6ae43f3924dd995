-- The concentrator (集中器) or terminal that collects a meter's readings; empty: the meter is not read
-- automatically. Coverage of automatic reading counts these, and a concentrator all of whose meters
-- are silent is told as one fault.
ALTER TABLE meter ADD COLUMN concentrator TEXT NOT NULL DEFAULT '';
CREATE INDEX meter_by_concentrator ON meter (org, concentrator) WHERE concentrator <> '';
-- Meters by the end of their verification, for the plan of rotation.
CREATE INDEX meter_expiring ON meter (org, expires_on) WHERE state = 'installed';
