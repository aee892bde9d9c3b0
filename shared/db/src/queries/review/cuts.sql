SELECT frame, kind, start_frame, end_frame, confidence, origin FROM cuts
WHERE video_number = $1 AND ($2::integer[] IS NULL OR frame = ANY ($2))
ORDER BY frame
