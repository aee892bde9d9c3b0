INSERT INTO left_pages (page, actor) VALUES ($1, $2) ON CONFLICT DO NOTHING
