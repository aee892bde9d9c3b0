INSERT INTO outbox (kind, execution_name, payload)
SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
ON CONFLICT (execution_name) DO NOTHING
