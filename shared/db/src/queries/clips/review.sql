UPDATE clips SET state = $2, reviewed_at = now(), reviewed_by = $3 WHERE number = $1
