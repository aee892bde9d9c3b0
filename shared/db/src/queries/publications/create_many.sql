INSERT INTO publications (clip_number, version, state, payload)
SELECT clips.number, new.version, 'active', new.payload
FROM unnest($1::uuid[], $2::integer[], $3::jsonb[]) AS new (clip, version, payload)
JOIN clips ON clips.id = new.clip
