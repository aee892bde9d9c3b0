-- Nothing is on its way for that long.
DELETE FROM left_pages WHERE (page, actor) IN (
    SELECT page, actor FROM left_pages WHERE left_at < now() - interval '1 day' LIMIT 100 FOR UPDATE SKIP LOCKED
)
