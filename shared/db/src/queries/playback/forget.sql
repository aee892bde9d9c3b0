DELETE FROM playback_files WHERE key = ANY ($1)
