UPDATE clips
SET state = 'pending_review', version = version + 1, failure = NULL, reviewed_at = NULL, reviewed_by = NULL
WHERE number = $1
