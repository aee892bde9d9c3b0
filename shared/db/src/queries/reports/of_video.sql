SELECT stage_reports.report FROM stage_reports
WHERE video_number = $1
ORDER BY started_at, stage_reports.id
LIMIT 2000
