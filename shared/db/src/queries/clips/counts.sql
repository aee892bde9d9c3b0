SELECT clip_counts.state, sum(clips)::bigint AS count FROM clip_counts JOIN videos ON videos.number = video_number
WHERE videos.state <> 'deleted' AND clip_counts.state <> 'archived'
GROUP BY clip_counts.state HAVING sum(clips) > 0
