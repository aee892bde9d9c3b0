-- The latest detection that stands says it; where none does, the ingest's settings hold.
UPDATE videos SET redetected_with = (
    SELECT event.after -> 'scenes' FROM review_events AS event
    WHERE event.video_number = $1 AND event.replayable AND event.after ? 'scenes'
        AND NOT EXISTS (SELECT FROM review_events AS later WHERE later.undoes = event.id)
    ORDER BY coalesce(event.root, event.id) DESC LIMIT 1)
WHERE number = $1
