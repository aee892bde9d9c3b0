SELECT video_number, state, count(*) FROM clips
WHERE video_number = ANY ($1) AND state <> 'archived'
GROUP BY video_number, state
