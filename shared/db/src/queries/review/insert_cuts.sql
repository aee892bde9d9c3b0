INSERT INTO cuts (video_number, frame, kind, start_frame, end_frame, confidence, origin)
SELECT $1, frame, kind, start_frame, end_frame, confidence, origin
FROM jsonb_to_recordset($2) AS cut (
    frame integer, kind text, start_frame integer, end_frame integer, confidence double precision, origin text)
