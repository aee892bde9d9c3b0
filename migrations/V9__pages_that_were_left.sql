-- Pages that gave their claims up: what still arrives of them leases nothing. Kept for a day.
CREATE TABLE left_pages (
    page    uuid NOT NULL,
    actor   text NOT NULL,
    left_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (page, actor)
);
CREATE INDEX left_pages_by_age ON left_pages (left_at);

-- A page's claims, which it gives up together.
CREATE INDEX clips_claimed ON clips (claim_page) WHERE claim_page IS NOT NULL;
