UPDATE clips SET state = $2 WHERE number = $1
