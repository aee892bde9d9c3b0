-- The reports of chunks become one a stage: from the first one's start to the last one's end, metrics
-- summed, but for peaks, of which the highest counts. A long video has hundreds.
SELECT video_number, report FROM (
    SELECT video_number, report, started_at, id FROM stage_reports
    WHERE video_number = ANY ($1) AND chunk IS NULL AND clip_number IS NULL
    UNION ALL
    SELECT chunks.video_number, jsonb_build_object(
        'stage', chunks.stage,
        'subject', jsonb_build_object('video', min(chunks.report -> 'subject' ->> 'video')),
        'attempt', chunks.attempt,
        'started_at', min(chunks.report ->> 'started_at'),
        'duration_ms', round(extract(epoch FROM
            max(chunks.started_at + chunks.duration_ms * interval '1 millisecond') - min(chunks.started_at)) * 1000),
        'outcome', CASE
            WHEN bool_or(chunks.outcome = 'failed') THEN 'failed'
            WHEN bool_and(chunks.outcome = 'already_done') THEN 'already_done'
            ELSE 'completed'
        END,
        'output', jsonb_build_object('chunks', count(*)),
        'metrics', (
            SELECT coalesce(jsonb_object_agg(summed.name, summed.total), '{}')
            FROM (
                SELECT metric.key AS name, CASE
                    WHEN metric.key LIKE 'peak\_%' THEN max(metric.value::float8)
                    ELSE sum(metric.value::float8)
                END AS total
                FROM stage_reports AS each_chunk, jsonb_each_text(each_chunk.report -> 'metrics') AS metric
                WHERE each_chunk.video_number = chunks.video_number AND each_chunk.stage = chunks.stage
                    AND each_chunk.attempt = chunks.attempt AND each_chunk.chunk IS NOT NULL
                GROUP BY metric.key
            ) AS summed
        ),
        'tools', (array_agg(chunks.report -> 'tools'))[1]
    ), min(chunks.started_at), min(chunks.id)
    FROM stage_reports AS chunks
    WHERE chunks.video_number = ANY ($1) AND chunks.chunk IS NOT NULL AND chunks.clip_number IS NULL
    GROUP BY chunks.video_number, chunks.stage, chunks.attempt
) AS reports
ORDER BY started_at, id
