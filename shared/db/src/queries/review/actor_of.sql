SELECT actor_name, action FROM review_events WHERE id = $1
