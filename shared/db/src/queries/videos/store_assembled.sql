UPDATE videos
SET frames = $2, fps_num = $3, fps_den = $4, duration_seconds = $5, width = $6, height = $7, has_sound = $8
WHERE number = $1
