-- What people decided, what must follow from it, and what the stages reported.

CREATE TABLE review_events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    video_number integer NOT NULL REFERENCES videos,
    clip_number  bigint REFERENCES clips,
    -- The subject of the verified token, and the name it carried.
    actor        text NOT NULL,
    actor_name   text NOT NULL,
    action       text NOT NULL CONSTRAINT review_events_action CHECK (action IN (
        'approve', 'skip', 'archive', 'undo', 'retry')),
    before       jsonb NOT NULL,
    after        jsonb NOT NULL,
    took_ms      integer CHECK (took_ms >= 0),
    -- An event is undone at most once.
    undoes       bigint UNIQUE REFERENCES review_events,
    -- A request sent twice is answered twice and done once.
    request_id   uuid NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((action = 'undo') = (undoes IS NOT NULL))
);

CREATE INDEX review_events_by_actor ON review_events (actor, id DESC);
CREATE INDEX review_events_by_clip ON review_events (clip_number, id DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER review_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE outbox (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text NOT NULL CONSTRAINT outbox_kind CHECK (kind IN ('start_ingest', 'start_publish')),
    -- Derived from ids, versions and attempts, so that starting twice is starting once.
    execution_name text NOT NULL UNIQUE CHECK (length(execution_name) <= 80),
    payload        jsonb NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    sent_at        timestamptz,
    tries          integer NOT NULL DEFAULT 0,
    last_error     text
);

CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;

CREATE TABLE publications (
    clip_number  bigint NOT NULL REFERENCES clips,
    version      integer NOT NULL CHECK (version >= 1),
    state        text NOT NULL CONSTRAINT publications_state CHECK (state IN ('active', 'withdrawn', 'superseded')),
    attempt      integer NOT NULL DEFAULT 1 CHECK (attempt >= 1),
    -- The domain's Publication, as its executions are given it; the attempt in it is the current one.
    payload      jsonb NOT NULL,
    export_key   text,
    frames       integer,
    size_bytes   bigint,
    sha256       text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    attempted_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    withdrawn_at timestamptz,
    PRIMARY KEY (clip_number, version)
);

CREATE UNIQUE INDEX publications_one_active ON publications (clip_number) WHERE state = 'active';

CREATE TABLE stage_reports (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    video_number integer NOT NULL REFERENCES videos,
    clip_number  bigint REFERENCES clips,
    version      integer,
    stage        text NOT NULL CONSTRAINT stage_reports_stage CHECK (stage IN (
        'register', 'download', 'probe', 'preprocess', 'assemble', 'detect_scenes', 'create_clips', 'playback',
        'export', 'keyframes', 'embed', 'archive', 'sweep', 'migrate')),
    chunk        integer,
    attempt      integer NOT NULL,
    outcome      text NOT NULL CONSTRAINT stage_reports_outcome CHECK (outcome IN (
        'completed', 'already_done', 'failed')),
    started_at   timestamptz NOT NULL,
    duration_ms  bigint NOT NULL,
    report       jsonb NOT NULL,
    UNIQUE NULLS NOT DISTINCT (video_number, clip_number, version, stage, chunk, attempt)
);
