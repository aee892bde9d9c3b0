SELECT clips.*, videos.id AS video_id, videos.title AS video_title, videos.prefix, videos.fps_num, videos.fps_den
FROM clips JOIN videos ON videos.number = clips.video_number
WHERE videos.state <> 'deleted'
    AND (CASE WHEN $1::text IS NULL THEN clips.state <> 'archived' ELSE clips.state = $1 END)
    AND ($2::uuid IS NULL OR videos.id = $2)
    AND ($3::integer IS NULL OR (clips.video_number, clips.start_frame, clips.number) > ($3, $4, $5))
ORDER BY clips.video_number, clips.start_frame, clips.number
LIMIT $6
