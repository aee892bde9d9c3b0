-- What the clips are after the event. Those that don't wait for review are nobody's claim any more; those that
-- wait are the acting page's.
UPDATE clips SET
    version = after.version,
    failure = CASE WHEN after.version = clips.version THEN failure END,
    group_id = after."group",
    reviewed_by = after.reviewed_by,
    reviewed_at = after.reviewed_at,
    tags = ARRAY (SELECT jsonb_array_elements_text(after.tags)),
    note = after.note,
    decision_event = (after.set_by ->> 'decision')::bigint,
    tags_event = (after.set_by ->> 'tags')::bigint,
    note_event = (after.set_by ->> 'note')::bigint,
    claim_page = CASE WHEN after.id = ANY ($2) THEN $3 WHEN after.verdict = 'pending' THEN claim_page END,
    claim_actor = CASE WHEN after.id = ANY ($2) THEN $4 WHEN after.verdict = 'pending' THEN claim_actor END,
    claimed_by = CASE WHEN after.id = ANY ($2) THEN $5 WHEN after.verdict = 'pending' THEN claimed_by END,
    claim_expires_at = CASE WHEN after.id = ANY ($2) THEN now() + make_interval(secs => $6)
        WHEN after.verdict = 'pending' THEN claim_expires_at END
FROM jsonb_to_recordset($1) AS after (
    id uuid, version integer, verdict text, "group" uuid, reviewed_by text, reviewed_at timestamptz, tags jsonb, note text,
    set_by jsonb)
WHERE clips.id = after.id
