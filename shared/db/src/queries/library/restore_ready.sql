UPDATE videos SET state = 'ready', deleted_at = NULL WHERE number = $1
