WITH hidden AS (
    DELETE FROM embeddings USING clips
    WHERE clips.number = embeddings.clip_number AND clips.video_number = $1
    RETURNING embeddings.*
)
INSERT INTO embeddings_of_deleted SELECT * FROM hidden
