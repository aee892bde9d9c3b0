-- Videos that come from URLs: who asked for them, what their sites say, and which are the same.

ALTER TABLE videos
    -- What URLs that mean the same have in common.
    ADD COLUMN url_key       text,
    -- The subject of the token that the URL was submitted with.
    ADD COLUMN submitted_by  text,
    -- Asked for in spite of the same video being there.
    ADD COLUMN anyway        boolean NOT NULL DEFAULT false,
    -- Found in a playlist, so that it is not expanded itself.
    ADD COLUMN in_playlist   boolean NOT NULL DEFAULT false,
    ADD COLUMN site          text,
    ADD COLUMN published_at  timestamptz,
    ADD COLUMN source_format text,
    -- Equal bytes have an equal one.
    ADD COLUMN source_digest text,
    -- The video with the same bytes that was found after the download.
    ADD COLUMN duplicate_of  uuid REFERENCES videos (id),
    ADD CONSTRAINT videos_url_key CHECK ((origin = 'url') = (url_key IS NOT NULL));

CREATE INDEX videos_by_url ON videos (url_key) WHERE url_key IS NOT NULL;
CREATE INDEX videos_by_digest ON videos (source_digest) WHERE source_digest IS NOT NULL;
CREATE INDEX videos_by_submitter ON videos (submitted_by, created_at) WHERE submitted_by IS NOT NULL;
