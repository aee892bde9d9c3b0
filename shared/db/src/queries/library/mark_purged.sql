UPDATE videos SET purged_at = now() WHERE number = $1
