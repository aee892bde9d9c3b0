INSERT INTO clip_ancestry (child, parent)
SELECT child.number, parent.number FROM unnest($1::uuid[], $2::uuid[]) AS pair (child, parent)
JOIN clips AS child ON child.id = pair.child JOIN clips AS parent ON parent.id = pair.parent
