INSERT INTO review_event_clips (clip_number, event)
SELECT number, $1 FROM clips WHERE id = ANY ($2)
