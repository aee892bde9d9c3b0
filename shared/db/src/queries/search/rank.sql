-- The similarity of two clips: for each still of one the best match among the other's, averaged; and the
-- same the other way round; and of the two averages the mean.
WITH wanted AS (
    SELECT frame, embedding FROM embeddings WHERE clip_number = $1 AND model = $2 AND tags && $3
), pairs AS (
    SELECT other.clip_number, wanted.frame AS own_frame, other.frame AS other_frame,
        1 - (wanted.embedding <=> other.embedding) AS cosine
    FROM embeddings AS other CROSS JOIN wanted
    WHERE other.model = $2 AND other.tags && $3 AND other.clip_number <> $1
        AND ($4::bigint[] IS NULL OR other.clip_number = ANY ($4))
), forth AS (
    SELECT clip_number, avg(best) AS similarity
    FROM (SELECT clip_number, max(cosine) AS best FROM pairs GROUP BY clip_number, own_frame) AS matches
    GROUP BY clip_number
), back AS (
    SELECT clip_number, avg(best) AS similarity
    FROM (SELECT clip_number, max(cosine) AS best FROM pairs GROUP BY clip_number, other_frame) AS matches
    GROUP BY clip_number
), ranked AS (
    SELECT clip_number, (forth.similarity + back.similarity) / 2 AS similarity
    FROM forth JOIN back USING (clip_number)
)
SELECT clip_number, similarity FROM ranked
ORDER BY CASE WHEN $5 THEN similarity ELSE -similarity END, clip_number
OFFSET $6 LIMIT $7
