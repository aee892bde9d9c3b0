{clip}
WHERE clips.id = $1
