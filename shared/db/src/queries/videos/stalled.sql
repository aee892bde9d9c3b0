SELECT * FROM videos
WHERE state = ANY ($1) AND updated_at < now() - make_interval(secs => $2)
    AND NOT EXISTS (
        SELECT FROM outbox
        WHERE sent_at IS NULL AND kind = 'start_ingest' AND payload ->> 'video' = videos.id::text)
ORDER BY number
LIMIT $3
