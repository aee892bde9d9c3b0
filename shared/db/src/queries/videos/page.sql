SELECT * FROM videos
WHERE state <> 'deleted'
    AND ($1::uuid IS NULL OR number < (SELECT last.number FROM videos AS last WHERE last.id = $1))
ORDER BY number DESC
LIMIT $2
