SELECT number FROM videos WHERE strpos(lower(title), lower($1)) > 0
