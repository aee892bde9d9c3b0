DELETE FROM embeddings WHERE clip_number IN (SELECT number FROM clips WHERE id = ANY ($1))
