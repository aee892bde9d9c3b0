UPDATE publications SET attempt = attempt + 1, attempted_at = now(),
    payload = jsonb_set(payload, '{attempt}', to_jsonb(attempt + 1))
WHERE clip_number = $1 AND version = $2 AND state = 'active'
RETURNING *
