INSERT INTO clips (id, video_number, start_frame, end_frame, state) VALUES ($1, $2, $3, $4, 'pending_review')
