SELECT clips.state, count(*) FROM clips JOIN videos ON videos.number = clips.video_number
WHERE videos.state <> 'deleted' AND clips.state <> 'archived'
GROUP BY clips.state
