SELECT pg_advisory_xact_lock(hashtextextended('page/' || $1::uuid, 0))
