SELECT dimension FROM models WHERE name = $1
