UPDATE videos SET state = $2, failure = $3 WHERE number = $1
