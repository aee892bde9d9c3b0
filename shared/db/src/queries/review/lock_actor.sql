SELECT pg_advisory_xact_lock(hashtextextended('actor/' || $1, 0))
