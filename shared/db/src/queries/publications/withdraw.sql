UPDATE publications SET state = taken.state, withdrawn_at = now()
FROM unnest($1::uuid[], $2::text[]) AS taken (clip, state) JOIN clips ON clips.id = taken.clip
WHERE publications.clip_number = clips.number AND publications.state = 'active'
RETURNING clips.id, publications.version, publications.attempt, published_at IS NOT NULL AS is_published
