SELECT source_key, source_version FROM videos WHERE source_bucket = $1 AND source_key = ANY ($2)
