UPDATE videos SET original_archived_at = now() WHERE number = $1 AND original_archived_at IS NULL
