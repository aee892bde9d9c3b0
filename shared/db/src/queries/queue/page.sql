{clip}
WHERE videos.state <> 'deleted' AND {conditions}
ORDER BY {order}
LIMIT {limit}
