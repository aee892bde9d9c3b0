INSERT INTO outbox (kind, execution_name, payload) VALUES ($1, $2, $3)
ON CONFLICT (execution_name) DO NOTHING
