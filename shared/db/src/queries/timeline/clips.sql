SELECT id, version, start_frame, end_frame, state, group_id, tags, note, decision_event,
    CASE WHEN claim_expires_at > now() THEN claim_actor END AS claim_actor
FROM clips
WHERE video_number = $1 AND state <> 'archived'
ORDER BY start_frame
