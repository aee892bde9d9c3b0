UPDATE videos SET state = 'deleted', deleted_at = now() WHERE number = $1
