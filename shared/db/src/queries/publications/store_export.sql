UPDATE publications SET export_key = $3, frames = $4, size_bytes = $5, sha256 = $6
WHERE clip_number = $1 AND version = $2
