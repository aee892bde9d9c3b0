SELECT EXISTS (SELECT FROM review_events WHERE undoes = $1)
