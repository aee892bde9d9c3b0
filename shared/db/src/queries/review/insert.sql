INSERT INTO review_events (
    video_number, clip_number, actor, actor_name, action, before, after, took_ms, undoes, request_id
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING id
