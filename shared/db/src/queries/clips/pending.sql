SELECT count(*) FROM clips JOIN videos ON videos.number = clips.video_number
WHERE videos.state <> 'deleted' AND clips.state = 'pending_review'
