SELECT tag, count(*) FROM clips JOIN videos ON videos.number = clips.video_number, unnest(tags) AS tag
WHERE tags <> '{}' AND clips.state <> 'archived' AND videos.state <> 'deleted'
GROUP BY tag
ORDER BY count(*) DESC, tag
LIMIT 500
