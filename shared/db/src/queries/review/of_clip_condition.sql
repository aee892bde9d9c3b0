review_events.id IN (
    WITH RECURSIVE line AS (
        SELECT $1::bigint AS clip
        UNION SELECT parent FROM line JOIN clip_ancestry ON child = clip
    )
    SELECT event FROM line JOIN review_event_clips ON clip_number = clip)
