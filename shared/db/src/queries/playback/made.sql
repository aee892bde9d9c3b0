UPDATE playback_files SET size_bytes = $2, made_at = now(), used_at = now() WHERE key = $1
