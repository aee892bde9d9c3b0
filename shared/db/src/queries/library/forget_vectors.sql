DELETE FROM embeddings_of_deleted USING clips
WHERE clips.number = embeddings_of_deleted.clip_number AND clips.video_number = $1
