UPDATE videos
SET state = $2, ready_at = CASE WHEN $2 = 'ready' THEN now() ELSE ready_at END
WHERE number = $1
