SELECT video_number, state, clips::bigint AS count FROM clip_counts
WHERE video_number = ANY ($1) AND state <> 'archived' AND clips > 0
