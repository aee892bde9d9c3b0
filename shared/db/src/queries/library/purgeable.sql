SELECT * FROM videos
WHERE state = 'deleted' AND purged_at IS NULL AND deleted_at <= now() - make_interval(days => $1::integer)
ORDER BY deleted_at
LIMIT $2
