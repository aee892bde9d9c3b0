SELECT clips.*, videos.id AS video_id, videos.title AS video_title, videos.prefix, videos.fps_num, videos.fps_den,
    (SELECT kind FROM cuts WHERE video_number = clips.video_number AND frame = clips.start_frame) AS start_cut,
    (SELECT kind FROM cuts WHERE video_number = clips.video_number AND frame = clips.end_frame) AS end_cut,
    coalesce(clips.claim_expires_at > now(), false) AS is_claimed
FROM clips JOIN videos ON videos.number = clips.video_number
