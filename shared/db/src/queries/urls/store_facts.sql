UPDATE videos
SET title = coalesce($2, title), site = $3, published_at = $4, source_format = $5, source_digest = $6,
    duration_seconds = coalesce(duration_seconds, $7)
WHERE number = $1
