SELECT video_number, chunk FROM stage_reports JOIN videos ON videos.number = video_number
WHERE video_number = ANY ($1) AND stage = 'preprocess' AND outcome <> 'failed' AND chunk IS NOT NULL
    AND stage_reports.attempt = videos.attempt
