WITH mine AS (
    SELECT number FROM clips
    WHERE id = ANY ($5) AND state = 'pending_review'
        AND (claim_page = $1 OR claim_expires_at IS NULL OR claim_expires_at <= now())
    ORDER BY number
    FOR UPDATE
)
UPDATE clips SET claim_page = $1, claim_actor = $2, claimed_by = $3, claim_expires_at = now() + make_interval(secs => $4)
FROM mine WHERE clips.number = mine.number
RETURNING clips.id
