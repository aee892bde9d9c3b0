-- As `next_undo` of the domain.
SELECT review_events.*, coalesce(root.action, review_events.action) AS root_action
FROM review_events LEFT JOIN review_events AS root ON root.id = review_events.root
WHERE review_events.actor = $1 AND review_events.replayable AND review_events.action NOT IN ('undo', 'retry', 'detect')
    AND NOT EXISTS (SELECT FROM review_events AS later WHERE later.undoes = review_events.id)
ORDER BY review_events.id DESC
LIMIT 1
