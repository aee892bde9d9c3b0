SELECT frame, kind, start_frame, end_frame, confidence, origin FROM cuts
WHERE video_number = $1
ORDER BY frame
