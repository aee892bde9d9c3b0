SELECT * FROM videos WHERE number = $1 FOR UPDATE
