SELECT videos.* FROM videos
WHERE number = (SELECT video_number FROM clips WHERE id = $1)
FOR UPDATE
