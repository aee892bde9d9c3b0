SELECT review_events.*, clips.id AS clip_id FROM review_events
LEFT JOIN clips ON clips.number = review_events.clip_number
WHERE review_events.id = $1
