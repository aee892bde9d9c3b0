UPDATE clips SET state = move.state
FROM unnest($1::uuid[], $2::text[]) AS move (id, state)
WHERE clips.id = move.id
