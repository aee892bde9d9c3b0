INSERT INTO cuts (video_number, frame, kind, start_frame, end_frame, confidence, origin)
VALUES ($1, $2, $3, $4, $5, $6, 'detector')
