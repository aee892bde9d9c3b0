-- Edits, groups, tags and notes, redo, claims by page, and the queue's orders.

ALTER TABLE clips
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN note text,
    -- The events that made the clip what it is, as `SetBy` of the domain has them; 0 is none.
    ADD COLUMN decision_event bigint NOT NULL DEFAULT 0,
    ADD COLUMN tags_event bigint NOT NULL DEFAULT 0,
    ADD COLUMN note_event bigint NOT NULL DEFAULT 0,
    -- Of its less certain cut. A clip's cuts are the same as long as it lives.
    ADD COLUMN confidence double precision CHECK (confidence BETWEEN 0 AND 1),
    -- Where it stands among all clips when look-alikes stand together.
    ADD COLUMN look bigint NOT NULL DEFAULT 0,
    ADD COLUMN seconds double precision NOT NULL DEFAULT 0,
    -- Who has it on which page; `claimed_by` is their name.
    ADD COLUMN claim_actor text,
    ADD COLUMN claim_page uuid;

UPDATE clips SET
    seconds = coalesce((end_frame - start_frame) * videos.fps_den::float8 / videos.fps_num, 0),
    confidence = (SELECT min(cuts.confidence) FROM cuts
        WHERE cuts.video_number = clips.video_number AND cuts.frame IN (clips.start_frame, clips.end_frame))
FROM videos WHERE videos.number = clips.video_number;

-- The orders of the queue; a clip without cuts comes last by confidence.
CREATE INDEX clips_by_confidence ON clips (state, (coalesce(confidence, 2)), number);
CREATE INDEX clips_by_look ON clips (state, look, number);
CREATE INDEX clips_by_tag ON clips USING gin (tags) WHERE tags <> '{}';
CREATE INDEX clips_by_group ON clips (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX clip_ancestry_by_parent ON clip_ancestry (parent);

-- The log: every action, with all that it found and left, so that the review state follows from the log.
ALTER TABLE review_events
    DROP CONSTRAINT review_events_action,
    DROP CONSTRAINT review_events_check,
    ADD CONSTRAINT review_events_action CHECK (action IN (
        'approve', 'skip', 'archive', 'reopen', 'group', 'split', 'merge', 'move_cut', 'trim', 'tag', 'note',
        'undo', 'redo', 'retry', 'detect', 'redetect')),
    -- A redo takes back an undo.
    ADD CONSTRAINT review_events_undoes CHECK ((action IN ('undo', 'redo')) = (undoes IS NOT NULL)),
    -- What was done first, of an undo or redo.
    ADD COLUMN root bigint REFERENCES review_events,
    -- Whether before and after hold snapshots: events from before this migration don't, and are not undone.
    ADD COLUMN replayable boolean NOT NULL DEFAULT false;

CREATE INDEX review_events_by_root ON review_events (root, id DESC) WHERE root IS NOT NULL;
CREATE INDEX review_events_by_video ON review_events (video_number, id DESC);

-- The clips of each event.
CREATE TABLE review_event_clips (
    clip_number bigint NOT NULL REFERENCES clips,
    event       bigint NOT NULL REFERENCES review_events,
    PRIMARY KEY (clip_number, event)
);

CREATE INDEX review_event_clips_by_event ON review_event_clips (event);

CREATE TRIGGER review_event_clips_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review_event_clips
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO review_event_clips (clip_number, event)
    SELECT clip_number, id FROM review_events WHERE clip_number IS NOT NULL;

-- The log of a video that has clips already begins with what it is now.
INSERT INTO review_events (video_number, actor, actor_name, action, before, after, request_id, replayable)
SELECT videos.number, 'heaters', 'Heaters', 'detect', '{"clips": [], "cuts": []}', jsonb_build_object(
    'clips', (SELECT jsonb_agg(jsonb_build_object(
        'id', clips.id, 'start', start_frame, 'end', end_frame, 'version', version,
        'verdict', CASE clips.state
            WHEN 'pending_review' THEN 'pending' WHEN 'withdrawn' THEN 'pending'
            WHEN 'review_skipped' THEN 'skipped' WHEN 'review_archived' THEN 'archived'
            WHEN 'archived' THEN 'replaced' ELSE 'approved' END,
        'group', group_id, 'reviewed_by', reviewed_by,
        'reviewed_at', to_char(reviewed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'tags', '[]'::jsonb, 'note', NULL, 'parents', '[]'::jsonb,
        'set_by', '{"decision": 0, "tags": 0, "note": 0}'::jsonb
    ) ORDER BY start_frame) FROM clips WHERE clips.video_number = videos.number),
    'cuts', (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'frame', frame, 'kind', kind, 'start_frame', start_frame, 'end_frame', end_frame,
        'confidence', confidence, 'origin', cuts.origin
    ) ORDER BY frame), '[]') FROM cuts WHERE cuts.video_number = videos.number)
), gen_random_uuid(), true
FROM videos WHERE EXISTS (SELECT FROM clips WHERE clips.video_number = videos.number);

-- What a withdrawn approval asked for is not started any more, or stopped.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind,
    ADD CONSTRAINT outbox_kind CHECK (kind IN ('start_ingest', 'start_publish', 'stop_publish')),
    ADD COLUMN cancelled_at timestamptz;

DROP INDEX outbox_unsent;
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL AND cancelled_at IS NULL;
