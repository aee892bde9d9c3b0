-- What is done to whole videos, and what may be thrown away.

ALTER TABLE review_events DROP CONSTRAINT review_events_action;
ALTER TABLE review_events ADD CONSTRAINT review_events_action CHECK (action IN (
    'approve', 'skip', 'archive', 'reopen', 'group', 'split', 'merge', 'move_cut', 'trim', 'tag', 'note',
    'undo', 'redo', 'retry', 'rename', 'cancel', 'delete', 'restore', 'detect', 'redetect'));

-- The objects of a video that was deleted and not restored in time are gone from then on.
ALTER TABLE videos ADD COLUMN purged_at timestamptz;
-- The settings of the latest detection, where it is not that of the ingest.
ALTER TABLE videos ADD COLUMN redetected_with jsonb;

CREATE INDEX videos_deleted ON videos (deleted_at) WHERE state = 'deleted' AND purged_at IS NULL;

-- Clips that were made as files for browsers that can't put them together. `used_at` is within a minute of the
-- last time that somebody asked for one: the least recently used go first.
CREATE TABLE playback_files (
    key          text PRIMARY KEY,
    video_number integer NOT NULL REFERENCES videos,
    -- 0 until it is made.
    size_bytes   bigint NOT NULL DEFAULT 0 CHECK (size_bytes >= 0),
    made_at      timestamptz NOT NULL DEFAULT now(),
    used_at      timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX playback_files_by_use ON playback_files (used_at);
CREATE INDEX playback_files_by_video ON playback_files (video_number);

-- The vectors of deleted videos wait here, so that no search has to leave them out.
CREATE TABLE embeddings_of_deleted (LIKE embeddings, PRIMARY KEY (clip_number, version, model, frame));
