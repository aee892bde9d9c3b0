SELECT id, version, start_frame, end_frame, state FROM clips
WHERE video_number = $1 AND state <> 'archived'
ORDER BY start_frame
