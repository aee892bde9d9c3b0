SELECT id FROM review_events WHERE video_number = $1 AND action IN ('detect', 'redetect')
