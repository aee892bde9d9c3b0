SELECT NOT EXISTS (SELECT FROM left_pages WHERE page = $1 AND actor = $2) AS is_here
