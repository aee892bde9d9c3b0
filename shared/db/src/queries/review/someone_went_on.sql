SELECT EXISTS (
    SELECT FROM review_events WHERE clip_number = $1 AND id > $2 AND actor <> $3)
