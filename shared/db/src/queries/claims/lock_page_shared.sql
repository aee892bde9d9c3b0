SELECT pg_advisory_xact_lock_shared(hashtextextended('page/' || $1::uuid, 0))
