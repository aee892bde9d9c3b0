SELECT register_model($1, $2, $3)
