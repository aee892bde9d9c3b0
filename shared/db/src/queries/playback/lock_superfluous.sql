-- Files beyond the limit, counted from the one used last, and those that are too old; not those that somebody
-- has just been given. Locked, so that one that is asked for meanwhile is made again.
SELECT key FROM playback_files
WHERE used_at < now() - make_interval(secs => $3)
    AND key IN (
        SELECT key FROM (
            SELECT key, made_at, sum(size_bytes) OVER (ORDER BY used_at DESC, key) AS up_to_here FROM playback_files
        ) AS ranked
        WHERE up_to_here > $1::bigint OR made_at < now() - make_interval(days => $2::integer))
ORDER BY used_at
LIMIT $4
FOR UPDATE
