INSERT INTO videos (
    id, title, state, origin, source_bucket, source_key, source_version, source_etag, sources, execution, settings, prefix
) VALUES ($1, $2, 'new', 'upload', $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT ON CONSTRAINT videos_source DO NOTHING
RETURNING videos.*
