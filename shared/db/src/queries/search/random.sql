-- From a random point on, so that no list of all clips is made.
WITH bounds AS (
    SELECT min(clip_number) AS low, max(clip_number) AS high FROM embeddings WHERE model = $1
), start AS MATERIALIZED (
    SELECT low + floor(random() * (high - low + 1))::bigint AS point FROM bounds
)
SELECT clip_number FROM embeddings, start
WHERE model = $1 AND clip_number >= point
ORDER BY clip_number
LIMIT 1
