SELECT review_events.*, coalesce(root.action, review_events.action) AS root_action
FROM review_events LEFT JOIN review_events AS root ON root.id = review_events.root
WHERE review_events.id = $1
