WITH mine AS (
    SELECT number FROM clips WHERE claim_page = $1 AND claim_actor = $2 AND id <> ALL ($3) ORDER BY number FOR UPDATE
)
UPDATE clips SET claim_page = NULL, claim_actor = NULL, claimed_by = NULL, claim_expires_at = NULL
FROM mine WHERE clips.number = mine.number
RETURNING clips.id
