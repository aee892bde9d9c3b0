INSERT INTO videos (
    id, title, state, origin, origin_url, url_key, submitted_by, anyway, in_playlist, settings, prefix
) VALUES ($1, $2, 'new', 'url', $3, $4, $5, $6, $7, $8, $9)
