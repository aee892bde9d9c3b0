UPDATE outbox SET tries = tries + 1, last_error = $2 WHERE id = $1
