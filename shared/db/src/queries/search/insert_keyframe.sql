INSERT INTO keyframes (clip_number, version, frame, key, tags) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (clip_number, version, frame) DO UPDATE SET key = EXCLUDED.key, tags = EXCLUDED.tags
