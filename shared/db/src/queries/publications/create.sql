INSERT INTO publications (clip_number, version, state, payload) VALUES ($1, $2, 'active', $3)
