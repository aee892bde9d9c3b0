SELECT name, dimension FROM models ORDER BY name
