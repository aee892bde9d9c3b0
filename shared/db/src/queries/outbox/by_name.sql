SELECT * FROM outbox WHERE execution_name = $1 AND sent_at IS NULL
