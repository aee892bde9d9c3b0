INSERT INTO embeddings (clip_number, version, model, frame, tags, embedding)
SELECT clip_number, version, $3, frame, tags, $5 FROM keyframes
WHERE clip_number = $1 AND version = $2 AND frame = $4
ON CONFLICT (clip_number, version, model, frame) DO UPDATE SET embedding = EXCLUDED.embedding, tags = EXCLUDED.tags
