SELECT review_events.*, clips.id AS clip_id
FROM review_events JOIN clips ON clips.number = review_events.clip_number
WHERE actor = $1 AND action IN ('approve', 'skip', 'archive')
    AND NOT EXISTS (SELECT FROM review_events AS undo WHERE undo.undoes = review_events.id)
ORDER BY review_events.id DESC
LIMIT 1
