-- The media type of a photo that somebody added to an alert; its bytes lie in the lake's store under
-- `alerts/`.
ALTER TABLE reading_alert ADD COLUMN photo_type TEXT;
