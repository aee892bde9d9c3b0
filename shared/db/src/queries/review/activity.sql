-- The condition is one of two. Events of the detector are about all clips of a video, which nobody reads.
SELECT review_events.id, created_at, actor_name, review_events.action, took_ms, replayable,
    coalesce((SELECT root.action FROM review_events AS root WHERE root.id = review_events.root), review_events.action)
        AS root_action,
    CASE WHEN action NOT IN ('detect', 'redetect') THEN before END AS before,
    CASE WHEN action NOT IN ('detect', 'redetect') THEN after END AS after,
    jsonb_array_length(CASE WHEN replayable THEN after -> 'clips' ELSE '[]' END) AS clips,
    ARRAY (
        SELECT clips.id FROM review_event_clips JOIN clips ON clips.number = clip_number
        WHERE event = review_events.id ORDER BY clip_number LIMIT 100
    ) AS clip_ids,
    coalesce((
        SELECT later.action = 'undo' FROM review_events AS later
        WHERE later.root = review_events.id ORDER BY later.id DESC LIMIT 1
    ), EXISTS (SELECT FROM review_events AS later WHERE later.undoes = review_events.id)) AS undone
FROM review_events
WHERE {which} AND ($2::bigint IS NULL OR review_events.id < $2)
ORDER BY review_events.id DESC
LIMIT $3
