SELECT count(*) FROM videos
WHERE submitted_by = $1 AND NOT in_playlist AND created_at > now() - make_interval(secs => $2)
