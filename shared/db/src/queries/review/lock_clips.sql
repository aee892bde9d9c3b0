SELECT clips.number, clips.id, clips.video_number, start_frame, end_frame, state, version, group_id, reviewed_by,
    reviewed_at, tags, note, decision_event, tags_event, note_event, look,
    ARRAY (
        SELECT parent.id FROM clip_ancestry JOIN clips AS parent ON parent.number = clip_ancestry.parent
        WHERE clip_ancestry.child = clips.number ORDER BY parent.start_frame, parent.number
    ) AS parents,
    claim_actor, claimed_by, claim_page, coalesce(claim_expires_at > now(), false) AS is_claimed
FROM clips
WHERE CASE WHEN $2::uuid[] IS NULL THEN video_number = $1 AND ($3 OR state <> 'archived') ELSE id = ANY ($2) END
ORDER BY clips.number
FOR UPDATE OF clips
