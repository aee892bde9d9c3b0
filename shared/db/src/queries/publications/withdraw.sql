UPDATE publications SET state = 'withdrawn', withdrawn_at = now()
WHERE clip_number = $1 AND state = 'active'
