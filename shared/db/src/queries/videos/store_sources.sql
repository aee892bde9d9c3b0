UPDATE videos SET sources = $2 WHERE number = $1
