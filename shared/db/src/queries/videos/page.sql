SELECT * FROM videos
WHERE state <> 'deleted' AND ($1::integer IS NULL OR number < $1)
ORDER BY number DESC
LIMIT $2
