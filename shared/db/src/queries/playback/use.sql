INSERT INTO playback_files (key, video_number) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET used_at = now()
WHERE playback_files.used_at < now() - interval '1 minute'
