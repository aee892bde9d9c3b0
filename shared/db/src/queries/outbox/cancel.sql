UPDATE outbox SET cancelled_at = now()
WHERE execution_name = ANY ($1) AND sent_at IS NULL AND cancelled_at IS NULL
RETURNING execution_name
