DELETE FROM embeddings WHERE clip_number = $1
