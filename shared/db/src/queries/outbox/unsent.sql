SELECT * FROM outbox WHERE sent_at IS NULL AND cancelled_at IS NULL ORDER BY tries, id LIMIT $1
