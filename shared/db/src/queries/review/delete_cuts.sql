DELETE FROM cuts WHERE video_number = $1 AND frame = ANY ($2)
