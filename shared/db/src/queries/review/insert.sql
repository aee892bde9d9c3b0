INSERT INTO review_events (
    id, video_number, clip_number, actor, actor_name, action, before, after, took_ms, undoes, root, request_id, replayable
) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
