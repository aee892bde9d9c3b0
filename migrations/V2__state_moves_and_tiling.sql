-- What a state may become, and that active clips tile their video.

INSERT INTO state_moves (kind, from_state, to_state) VALUES
    ('video', 'new', 'downloading'), ('video', 'new', 'downloaded'), ('video', 'new', 'download_failed'), ('video', 'new', 'cancelled'), ('video', 'new', 'deleted'),
    ('video', 'downloading', 'downloaded'), ('video', 'downloading', 'download_failed'), ('video', 'downloading', 'cancelled'), ('video', 'downloading', 'deleted'),
    ('video', 'downloaded', 'preprocessing'), ('video', 'downloaded', 'preprocess_failed'), ('video', 'downloaded', 'cancelled'), ('video', 'downloaded', 'deleted'),
    ('video', 'preprocessing', 'preprocessed'), ('video', 'preprocessing', 'preprocess_failed'), ('video', 'preprocessing', 'cancelled'), ('video', 'preprocessing', 'deleted'),
    ('video', 'preprocessed', 'detecting_scenes'), ('video', 'preprocessed', 'detect_scenes_failed'), ('video', 'preprocessed', 'cancelled'), ('video', 'preprocessed', 'deleted'),
    ('video', 'detecting_scenes', 'ready'), ('video', 'detecting_scenes', 'detect_scenes_failed'), ('video', 'detecting_scenes', 'cancelled'), ('video', 'detecting_scenes', 'deleted'),
    ('video', 'ready', 'deleted'),
    ('video', 'download_failed', 'new'), ('video', 'download_failed', 'deleted'),
    ('video', 'preprocess_failed', 'new'), ('video', 'preprocess_failed', 'deleted'),
    ('video', 'detect_scenes_failed', 'new'), ('video', 'detect_scenes_failed', 'deleted'),
    ('video', 'cancelled', 'new'), ('video', 'cancelled', 'deleted'),
    ('video', 'deleted', 'new'), ('video', 'deleted', 'ready'),
    ('clip', 'pending_review', 'review_approved'), ('clip', 'pending_review', 'review_skipped'), ('clip', 'pending_review', 'review_archived'), ('clip', 'pending_review', 'archived'),
    ('clip', 'review_approved', 'exporting'), ('clip', 'review_approved', 'export_failed'), ('clip', 'review_approved', 'pending_review'), ('clip', 'review_approved', 'withdrawn'), ('clip', 'review_approved', 'archived'),
    ('clip', 'review_skipped', 'pending_review'), ('clip', 'review_skipped', 'archived'),
    ('clip', 'review_archived', 'pending_review'), ('clip', 'review_archived', 'archived'),
    ('clip', 'withdrawn', 'pending_review'), ('clip', 'withdrawn', 'archived'),
    ('clip', 'exporting', 'exported'), ('clip', 'exporting', 'export_failed'), ('clip', 'exporting', 'withdrawn'), ('clip', 'exporting', 'archived'),
    ('clip', 'exported', 'keyframing'), ('clip', 'exported', 'keyframe_failed'), ('clip', 'exported', 'withdrawn'), ('clip', 'exported', 'archived'),
    ('clip', 'keyframing', 'keyframed'), ('clip', 'keyframing', 'keyframe_failed'), ('clip', 'keyframing', 'withdrawn'), ('clip', 'keyframing', 'archived'),
    ('clip', 'keyframed', 'embedding'), ('clip', 'keyframed', 'embedding_failed'), ('clip', 'keyframed', 'withdrawn'), ('clip', 'keyframed', 'archived'),
    ('clip', 'embedding', 'embedded'), ('clip', 'embedding', 'embedding_failed'), ('clip', 'embedding', 'withdrawn'), ('clip', 'embedding', 'archived'),
    ('clip', 'embedded', 'withdrawn'), ('clip', 'embedded', 'archived'),
    ('clip', 'export_failed', 'review_approved'), ('clip', 'export_failed', 'withdrawn'), ('clip', 'export_failed', 'archived'),
    ('clip', 'keyframe_failed', 'review_approved'), ('clip', 'keyframe_failed', 'withdrawn'), ('clip', 'keyframe_failed', 'archived'),
    ('clip', 'embedding_failed', 'review_approved'), ('clip', 'embedding_failed', 'withdrawn'), ('clip', 'embedding_failed', 'archived'),
    ('clip', 'archived', 'pending_review');

CREATE FUNCTION guard_state() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject text := TG_ARGV[0];
    first_state text := TG_ARGV[1];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> first_state THEN
            RAISE EXCEPTION 'a % starts as %, not as %', subject, first_state, NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = subject || '_state_move';
        END IF;
    ELSIF NEW.state <> OLD.state THEN
        IF NOT EXISTS (
            SELECT FROM state_moves
            WHERE kind = subject AND from_state = OLD.state AND to_state = NEW.state
        ) THEN
            RAISE EXCEPTION 'a % cannot go from % to %', subject, OLD.state, NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = subject || '_state_move';
        END IF;
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END $$;

CREATE TRIGGER videos_guard BEFORE INSERT OR UPDATE ON videos
    FOR EACH ROW EXECUTE FUNCTION guard_state('video', 'new');
CREATE TRIGGER clips_guard BEFORE INSERT OR UPDATE ON clips
    FOR EACH ROW EXECUTE FUNCTION guard_state('clip', 'pending_review');

-- Videos whose tiling has to be looked at before the transaction commits. A row lives only inside its
-- transaction; its key also makes two transactions on one video wait for each other.
CREATE TABLE tiling_checks (
    video_number integer PRIMARY KEY REFERENCES videos
);

CREATE FUNCTION ask_for_tiling_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO tiling_checks VALUES (OLD.video_number) ON CONFLICT DO NOTHING;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO tiling_checks VALUES (NEW.video_number) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER cuts_tiling AFTER INSERT OR DELETE ON cuts
    FOR EACH ROW EXECUTE FUNCTION ask_for_tiling_check();
CREATE TRIGGER cuts_tiling_moved AFTER UPDATE OF video_number, frame ON cuts
    FOR EACH ROW EXECUTE FUNCTION ask_for_tiling_check();
CREATE TRIGGER clips_tiling AFTER INSERT OR DELETE ON clips
    FOR EACH ROW EXECUTE FUNCTION ask_for_tiling_check();
CREATE TRIGGER clips_tiling_moved AFTER UPDATE ON clips
    FOR EACH ROW
    WHEN (OLD.video_number <> NEW.video_number OR OLD.start_frame <> NEW.start_frame
        OR OLD.end_frame <> NEW.end_frame OR (OLD.state = 'archived') <> (NEW.state = 'archived'))
    EXECUTE FUNCTION ask_for_tiling_check();

CREATE FUNCTION ask_for_tiling_check_of_video() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tiling_checks VALUES (NEW.number) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER videos_tiling AFTER UPDATE OF frames ON videos
    FOR EACH ROW WHEN (OLD.frames IS DISTINCT FROM NEW.frames)
    EXECUTE FUNCTION ask_for_tiling_check_of_video();

CREATE FUNCTION check_tiling() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    DELETE FROM tiling_checks WHERE video_number = NEW.video_number;
    -- Before its clips are made a video has neither clips nor cuts.
    IF NOT EXISTS (SELECT FROM clips WHERE video_number = NEW.video_number)
        AND NOT EXISTS (SELECT FROM cuts WHERE video_number = NEW.video_number) THEN
        RETURN NULL;
    END IF;
    WITH bounds AS (
        SELECT 0 AS frame
        UNION SELECT frame FROM cuts WHERE video_number = NEW.video_number
        UNION SELECT coalesce(frames, 0) FROM videos WHERE number = NEW.video_number
    ), segments AS (
        SELECT frame AS start_frame, lead(frame) OVER (ORDER BY frame) AS end_frame FROM bounds
    ), wanted AS (
        SELECT start_frame, end_frame FROM segments WHERE end_frame IS NOT NULL
    ), active AS (
        SELECT start_frame, end_frame FROM clips
        WHERE video_number = NEW.video_number AND state <> 'archived'
    ), beyond AS (
        SELECT frame AS start_frame, frame AS end_frame
        FROM cuts JOIN videos ON number = video_number
        WHERE video_number = NEW.video_number AND (frames IS NULL OR frame >= frames)
    )
    SELECT * INTO wrong FROM (
        (TABLE wanted EXCEPT ALL TABLE active) UNION ALL (TABLE active EXCEPT ALL TABLE wanted)
        UNION ALL TABLE beyond
    ) AS difference ORDER BY start_frame LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the clips of video % do not tile it: see frames %..%',
            NEW.video_number, wrong.start_frame, wrong.end_frame
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clips_tile_the_video';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER tiling_checks_at_commit AFTER INSERT ON tiling_checks
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_tiling();
