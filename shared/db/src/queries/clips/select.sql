SELECT clips.*, videos.id AS video_id, videos.title AS video_title, videos.prefix, videos.fps_num, videos.fps_den,
    start_cut.kind AS start_cut, end_cut.kind AS end_cut, coalesce(clips.claim_expires_at > now(), false) AS is_claimed
FROM clips JOIN videos ON videos.number = clips.video_number
LEFT JOIN cuts AS start_cut ON start_cut.video_number = clips.video_number AND start_cut.frame = clips.start_frame
LEFT JOIN cuts AS end_cut ON end_cut.video_number = clips.video_number AND end_cut.frame = clips.end_frame
