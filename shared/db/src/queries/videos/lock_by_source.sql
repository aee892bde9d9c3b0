SELECT * FROM videos
WHERE source_bucket = $1 AND source_key = $2 AND source_etag = $4
    -- An upload that the sweep found carries no version: it is the same as the event's.
    AND (source_version = $3 OR source_version = '' OR $3 = '')
ORDER BY number LIMIT 1
FOR UPDATE
