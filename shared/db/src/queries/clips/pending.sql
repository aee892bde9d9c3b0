-- All of the state are counted by the index alone; deleted videos are few.
SELECT (SELECT count(*) FROM clips WHERE state = 'pending_review')
    - (SELECT count(*) FROM videos JOIN clips ON clips.video_number = videos.number
        WHERE videos.state = 'deleted' AND clips.state = 'pending_review') AS count
