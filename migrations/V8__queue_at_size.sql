-- Counts and orders of the queue that stay fast with many clips.

-- How many clips of a video are in each state; kept by triggers.
CREATE TABLE clip_counts (
    video_number integer NOT NULL REFERENCES videos,
    state        text NOT NULL,
    clips        integer NOT NULL,
    PRIMARY KEY (video_number, state)
);

INSERT INTO clip_counts SELECT video_number, state, count(*) FROM clips GROUP BY video_number, state;

CREATE FUNCTION add_to_clip_counts(changes jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO clip_counts AS known (video_number, state, clips)
    SELECT video_number, state, by FROM jsonb_to_recordset(changes) AS change (video_number integer, state text, by integer)
    ON CONFLICT (video_number, state) DO UPDATE SET clips = known.clips + EXCLUDED.clips
$$;

-- Whoever moves clips has locked their video, so that these rows are never waited for in different orders.
CREATE FUNCTION count_clips() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes jsonb;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT jsonb_agg(change) INTO changes FROM (
            SELECT video_number, state, count(*) AS by FROM new_clips GROUP BY video_number, state) AS change;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT jsonb_agg(change) INTO changes FROM (
            SELECT video_number, state, -count(*) AS by FROM old_clips GROUP BY video_number, state) AS change;
    ELSE
        SELECT jsonb_agg(change) INTO changes FROM (
            SELECT video_number, state, sum(one) AS by FROM (
                SELECT video_number, state, 1 AS one FROM new_clips
                UNION ALL SELECT video_number, state, -1 FROM old_clips) AS moved
            GROUP BY video_number, state HAVING sum(one) <> 0 ORDER BY video_number, state) AS change;
    END IF;
    IF changes IS NOT NULL THEN
        PERFORM add_to_clip_counts(changes);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER clips_counted AFTER INSERT ON clips
    REFERENCING NEW TABLE AS new_clips FOR EACH STATEMENT EXECUTE FUNCTION count_clips();
CREATE TRIGGER clips_counted_moved AFTER UPDATE ON clips
    REFERENCING OLD TABLE AS old_clips NEW TABLE AS new_clips FOR EACH STATEMENT EXECUTE FUNCTION count_clips();
CREATE TRIGGER clips_counted_gone AFTER DELETE ON clips
    REFERENCING OLD TABLE AS old_clips FOR EACH STATEMENT EXECUTE FUNCTION count_clips();

-- The orders: of what waits, and of all.
DROP INDEX clips_by_confidence, clips_by_look;
CREATE INDEX clips_waiting_by_confidence ON clips ((coalesce(confidence, 2)), number) WHERE state = 'pending_review';
CREATE INDEX clips_waiting_by_look ON clips (look, number) WHERE state = 'pending_review';
CREATE INDEX clips_by_confidence ON clips ((coalesce(confidence, 2)), number) WHERE state <> 'archived';
CREATE INDEX clips_by_look ON clips (look, number) WHERE state <> 'archived';

-- Filters that few clips pass.
CREATE INDEX clips_waiting_by_seconds ON clips (seconds) WHERE state = 'pending_review';
CREATE INDEX clips_with_note ON clips (number) WHERE note IS NOT NULL;
