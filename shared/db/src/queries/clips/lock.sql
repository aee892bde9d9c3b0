{clip}
WHERE clips.id = $1
FOR UPDATE OF clips
