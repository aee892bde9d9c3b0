SELECT * FROM videos WHERE number = $1
