{clip}
WHERE clips.id = ANY ($1)
