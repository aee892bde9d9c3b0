UPDATE videos
SET state = 'new', failure = NULL, attempt = attempt + 1, execution = NULL, deleted_at = NULL
WHERE number = $1
RETURNING attempt
