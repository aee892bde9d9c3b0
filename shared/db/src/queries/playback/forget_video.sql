DELETE FROM playback_files WHERE video_number = $1
