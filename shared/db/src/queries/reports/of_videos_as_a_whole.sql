SELECT video_number, report FROM stage_reports
WHERE video_number = ANY ($1) AND chunk IS NULL AND clip_number IS NULL
ORDER BY started_at, id
