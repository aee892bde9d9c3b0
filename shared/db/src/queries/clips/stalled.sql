{clip}
WHERE videos.state <> 'deleted' AND clips.state = ANY ($1) AND clips.updated_at < now() - make_interval(secs => $2)
    AND NOT EXISTS (
        SELECT FROM outbox
        WHERE sent_at IS NULL AND cancelled_at IS NULL AND kind = 'start_publish'
            AND payload -> 'publication' ->> 'clip' = clips.id::text)
ORDER BY clips.number
LIMIT $3
