SELECT coalesce(sum(clips), 0)::bigint AS count FROM clip_counts JOIN videos ON videos.number = video_number
WHERE clip_counts.state = 'pending_review' AND videos.state <> 'deleted'
