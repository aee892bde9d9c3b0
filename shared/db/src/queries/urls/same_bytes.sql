-- An upload's bytes are known by its size and, where storage keeps one, its checksum: that is for the caller to ask.
SELECT * FROM videos
WHERE number <> $1 AND state NOT IN ('deleted', 'cancelled', 'download_failed')
    AND (source_digest = $2
        OR (origin = 'upload' AND jsonb_array_length(sources) = 1 AND (sources -> 0 ->> 'size_bytes')::bigint = $3))
ORDER BY number
LIMIT 20
