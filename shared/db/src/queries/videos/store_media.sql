UPDATE videos
SET chunks_expected = $2, fps_num = $3, fps_den = $4, time_base_num = $5, time_base_den = $6,
    duration_seconds = $7, width = $8, height = $9, has_sound = $10
WHERE number = $1
