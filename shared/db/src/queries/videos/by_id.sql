SELECT * FROM videos WHERE id = $1
