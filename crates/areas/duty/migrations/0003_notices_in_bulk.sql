-- Half a million messages are written at once: one index less. What a person was sent is found by
-- notice_send.
DROP INDEX notice_item_person;
