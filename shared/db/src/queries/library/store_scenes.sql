UPDATE videos SET redetected_with = $2 WHERE number = $1
