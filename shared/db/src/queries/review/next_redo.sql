-- As `next_redo` of the domain.
SELECT review_events.*, coalesce(root.action, review_events.action) AS root_action
FROM review_events LEFT JOIN review_events AS root ON root.id = review_events.root
WHERE review_events.actor = $1 AND review_events.replayable AND review_events.action = 'undo'
    AND NOT EXISTS (SELECT FROM review_events AS later WHERE later.undoes = review_events.id)
    AND review_events.id > coalesce((
        SELECT max(action.id) FROM review_events AS action
        WHERE action.actor = $1 AND action.action NOT IN ('undo', 'redo', 'retry')), 0)
ORDER BY review_events.id DESC
LIMIT 1
