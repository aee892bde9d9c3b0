SELECT count(*) FROM clips
WHERE video_number = $1 AND state <> 'archived' AND NOT (state = ANY ($2))
