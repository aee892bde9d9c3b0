SELECT keyframes.clip_number, keyframes.key
FROM keyframes JOIN publications USING (clip_number, version)
WHERE keyframes.clip_number = ANY ($1) AND publications.state = 'active' AND 'midpoint' = ANY (keyframes.tags)
