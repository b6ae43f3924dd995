-- The right to ask meters for readings, for the roles that every installation starts with and that talk
-- to customers or look after readings.
INSERT INTO role_right (role, right_name)
SELECT id, 'reading.request' FROM role
 WHERE code IN ('agent', 'billing_clerk', 'reading_clerk', 'area_manager', 'manager', 'administrator')
ON CONFLICT (role, right_name) DO NOTHING;
