UPDATE videos SET duplicate_of = $2 WHERE number = $1
