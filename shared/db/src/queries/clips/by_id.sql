SELECT clips.*, videos.id AS video_id, videos.title AS video_title, videos.prefix, videos.fps_num, videos.fps_den
FROM clips JOIN videos ON videos.number = clips.video_number
WHERE clips.id = $1
