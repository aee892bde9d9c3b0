SELECT pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'url', $1::text), 0))
