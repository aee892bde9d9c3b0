SELECT * FROM videos
WHERE url_key = $1 AND state NOT IN ('deleted', 'cancelled', 'download_failed', 'preprocess_failed', 'detect_scenes_failed')
ORDER BY number LIMIT 1
