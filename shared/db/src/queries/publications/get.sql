SELECT * FROM publications WHERE clip_number = $1 AND version = $2
