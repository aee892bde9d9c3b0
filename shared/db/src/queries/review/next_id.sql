SELECT nextval(pg_get_serial_sequence('review_events', 'id')) AS id
