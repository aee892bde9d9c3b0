{clip}
WHERE clips.number = ANY ($1)
