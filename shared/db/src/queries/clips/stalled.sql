SELECT clips.*, videos.id AS video_id, videos.title AS video_title, videos.prefix, videos.fps_num, videos.fps_den
FROM clips JOIN videos ON videos.number = clips.video_number
WHERE videos.state <> 'deleted' AND clips.state = ANY ($1) AND clips.updated_at < now() - make_interval(secs => $2)
    AND NOT EXISTS (
        SELECT FROM outbox
        WHERE sent_at IS NULL AND kind = 'start_publish'
            AND payload -> 'publication' ->> 'clip' = clips.id::text)
ORDER BY clips.number
LIMIT $3
