UPDATE outbox SET sent_at = now(), tries = tries + 1, last_error = NULL WHERE id = $1
