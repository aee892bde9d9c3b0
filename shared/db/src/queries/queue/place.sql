SELECT video_number, start_frame, number, coalesce(confidence, 2) AS confidence, look FROM clips WHERE id = $1
