UPDATE publications SET published_at = coalesce(published_at, now())
WHERE clip_number = $1 AND version = $2
