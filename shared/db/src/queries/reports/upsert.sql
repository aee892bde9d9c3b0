INSERT INTO stage_reports (
    video_number, clip_number, version, stage, chunk, attempt, outcome, started_at, duration_ms, report
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (video_number, clip_number, version, stage, chunk, attempt) DO UPDATE
SET outcome = EXCLUDED.outcome, started_at = EXCLUDED.started_at,
    duration_ms = EXCLUDED.duration_ms, report = EXCLUDED.report
