-- {model} and {dimension} are filled in: the partial expression index wants constants.
SELECT clip_number FROM embeddings
WHERE model = '{model}' AND tags && $2 AND clip_number <> $3
ORDER BY (embedding::vector({dimension})) <=> $1::vector({dimension})
LIMIT $4
