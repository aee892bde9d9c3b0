SELECT clips.*, videos.id AS video_id, videos.title AS video_title, videos.prefix, videos.fps_num, videos.fps_den
FROM clips JOIN videos ON videos.number = clips.video_number
WHERE videos.state <> 'deleted'
    AND (CASE WHEN $1::text IS NULL THEN clips.state <> 'archived' ELSE clips.state = $1 END)
    AND ($2::uuid IS NULL OR videos.id = $2)
    AND ($3::uuid IS NULL OR (clips.video_number, clips.start_frame, clips.number) > (
        SELECT last.video_number, last.start_frame, last.number FROM clips AS last WHERE last.id = $3))
ORDER BY clips.video_number, clips.start_frame, clips.number
LIMIT $4
