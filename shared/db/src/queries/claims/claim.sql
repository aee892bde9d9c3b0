-- A clip that another page is just being given is passed over, not waited for.
WITH next AS (
    SELECT clips.number FROM clips JOIN videos ON videos.number = clips.video_number
    WHERE videos.state <> 'deleted' AND {conditions}
        AND (clips.claim_expires_at IS NULL OR clips.claim_expires_at <= now() OR clips.claim_page = $1)
    ORDER BY {order}
    LIMIT {limit}
    FOR UPDATE OF clips SKIP LOCKED
)
UPDATE clips SET claim_page = $1, claim_actor = $2, claimed_by = $3, claim_expires_at = now() + make_interval(secs => $4)
FROM next WHERE clips.number = next.number
RETURNING clips.number
