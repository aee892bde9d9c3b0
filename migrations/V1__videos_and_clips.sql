-- Videos, their cuts and their clips, with the rules that hold whatever program writes to them.

CREATE EXTENSION IF NOT EXISTS vector;

-- The moves that a state may make. Equal to `next()` of the domain's enums; a test compares them.
CREATE TABLE state_moves (
    kind       text NOT NULL CHECK (kind IN ('video', 'clip')),
    from_state text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (kind, from_state, to_state)
);

CREATE TABLE videos (
    number            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                uuid NOT NULL UNIQUE,
    title             text NOT NULL,
    state             text NOT NULL CONSTRAINT videos_state CHECK (state IN (
        'new', 'downloading', 'downloaded', 'preprocessing', 'preprocessed', 'detecting_scenes', 'ready',
        'download_failed', 'preprocess_failed', 'detect_scenes_failed', 'cancelled', 'deleted')),
    origin            text NOT NULL CONSTRAINT videos_origin CHECK (origin IN ('upload', 'url')),
    origin_url        text CHECK ((origin = 'url') = (origin_url IS NOT NULL)),
    -- The uploaded object; empty for a video from a URL until it is downloaded.
    source_bucket     text,
    source_key        text,
    source_version    text NOT NULL DEFAULT '',
    source_etag       text NOT NULL DEFAULT '',
    -- A JSON list of the domain's SourceObject: a download may bring picture and sound apart.
    sources           jsonb NOT NULL DEFAULT '[]',
    -- Which run over the video it is, and the execution that does it.
    attempt           integer NOT NULL DEFAULT 1 CHECK (attempt >= 1),
    execution         text,
    settings          jsonb NOT NULL,
    prefix            text NOT NULL,
    failure           jsonb,
    chunks_expected   integer CHECK (chunks_expected >= 1),
    frames            integer CHECK (frames >= 1),
    fps_num           integer CHECK (fps_num >= 1),
    fps_den           integer CHECK (fps_den >= 1),
    time_base_num     integer CHECK (time_base_num >= 1),
    time_base_den     integer CHECK (time_base_den >= 1),
    duration_seconds  double precision CHECK (duration_seconds >= 0),
    width             integer CHECK (width >= 1),
    height            integer CHECK (height >= 1),
    has_sound         boolean,
    -- Counts the edits of the cuts.
    edit_version      integer NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    ready_at          timestamptz,
    deleted_at        timestamptz,
    original_archived_at timestamptz,
    -- The same upload event twice makes one video.
    CONSTRAINT videos_source UNIQUE (source_bucket, source_key, source_version, source_etag)
);

CREATE INDEX videos_by_state ON videos (state);

CREATE TABLE cuts (
    video_number integer NOT NULL REFERENCES videos,
    frame        integer NOT NULL CHECK (frame >= 1),
    kind         text NOT NULL CONSTRAINT cuts_kind CHECK (kind IN (
        'cut', 'dissolve', 'fade_black', 'fade_white', 'wipe', 'slide')),
    -- The transition's frames, half-open; equal to `frame` for a hard cut.
    start_frame  integer NOT NULL,
    end_frame    integer NOT NULL,
    confidence   double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    origin       text NOT NULL CONSTRAINT cuts_origin CHECK (origin IN ('detector', 'reviewer')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (video_number, frame)
);

CREATE TABLE clips (
    number           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id               uuid NOT NULL UNIQUE,
    video_number     integer NOT NULL REFERENCES videos,
    start_frame      integer NOT NULL CHECK (start_frame >= 0),
    end_frame        integer NOT NULL CHECK (end_frame > start_frame),
    state            text NOT NULL CONSTRAINT clips_state CHECK (state IN (
        'pending_review', 'review_approved', 'review_skipped', 'review_archived', 'exporting', 'exported',
        'keyframing', 'keyframed', 'embedding', 'embedded', 'export_failed', 'keyframe_failed',
        'embedding_failed', 'archived', 'withdrawn')),
    -- Grows at every undo and edit, so that nothing published is overwritten.
    version          integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    failure          jsonb,
    reviewed_at      timestamptz,
    reviewed_by      text,
    group_id         uuid,
    claimed_by       text,
    claim_expires_at timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    -- Frames with the video's number in the high bits: without btree_gist an exclusion constraint takes
    -- one range only.
    span             int8range NOT NULL GENERATED ALWAYS AS (int8range(
        (video_number::bigint << 32) + start_frame, (video_number::bigint << 32) + end_frame)) STORED,
    CONSTRAINT clips_do_not_overlap EXCLUDE USING gist (span WITH &&) WHERE (state <> 'archived')
);

CREATE INDEX clips_in_order ON clips (video_number, start_frame);
CREATE INDEX clips_by_state ON clips (state, video_number, start_frame);

CREATE TABLE clip_ancestry (
    child  bigint NOT NULL REFERENCES clips,
    parent bigint NOT NULL REFERENCES clips,
    PRIMARY KEY (child, parent),
    CHECK (child <> parent)
);
