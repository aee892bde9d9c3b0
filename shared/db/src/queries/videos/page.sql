SELECT * FROM videos
WHERE CASE WHEN $3::boolean
        THEN state = 'deleted' AND purged_at IS NULL AND deleted_at > now() - make_interval(days => $5::integer)
        ELSE state <> 'deleted' END
    AND ($4::text IS NULL OR title ILIKE $4 OR source_key ILIKE $4)
    AND ($1::uuid IS NULL OR number < (SELECT last.number FROM videos AS last WHERE last.id = $1))
ORDER BY number DESC
LIMIT $2
