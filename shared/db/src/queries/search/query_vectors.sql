SELECT embedding FROM embeddings
WHERE clip_number = $1 AND model = $2 AND tags && $3
ORDER BY frame
