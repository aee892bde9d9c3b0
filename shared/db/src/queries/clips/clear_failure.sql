UPDATE clips SET state = $2, failure = NULL WHERE number = $1
