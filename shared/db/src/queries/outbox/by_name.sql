SELECT * FROM outbox WHERE execution_name = ANY ($1) AND sent_at IS NULL AND cancelled_at IS NULL ORDER BY id
