SELECT DISTINCT source_key FROM videos WHERE source_bucket = $1 AND source_key = ANY ($2)
