UPDATE videos SET title = $2 WHERE number = $1
