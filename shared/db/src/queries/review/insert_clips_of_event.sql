-- The cuts around them are there already.
INSERT INTO clips (id, video_number, start_frame, end_frame, state, look, seconds, confidence)
SELECT clip.id, videos.number, clip."start", clip."end", 'pending_review', look.look,
    coalesce((clip."end" - clip."start") * videos.fps_den::float8 / videos.fps_num, 0),
    (SELECT min(cuts.confidence) FROM cuts
        WHERE cuts.video_number = videos.number AND cuts.frame IN (clip."start", clip."end"))
FROM jsonb_to_recordset($2) AS clip (id uuid, "start" integer, "end" integer)
JOIN unnest($3::uuid[], $4::bigint[]) AS look (id, look) ON look.id = clip.id
JOIN videos ON videos.number = $1
ORDER BY clip."start"
