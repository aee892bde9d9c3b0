UPDATE videos SET execution = $2 WHERE number = $1
