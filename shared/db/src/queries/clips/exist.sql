SELECT EXISTS (SELECT FROM clips WHERE video_number = $1)
