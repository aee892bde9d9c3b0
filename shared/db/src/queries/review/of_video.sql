SELECT id, before, after FROM review_events WHERE video_number = $1 AND replayable ORDER BY id
