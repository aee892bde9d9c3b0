-- Stills of published clips and their vectors.

CREATE TABLE keyframes (
    clip_number bigint NOT NULL,
    version     integer NOT NULL,
    frame       integer NOT NULL,
    key         text NOT NULL,
    -- The strategies that use the still: multi_25, multi_50, multi_75, midpoint.
    tags        text[] NOT NULL,
    PRIMARY KEY (clip_number, version, frame),
    FOREIGN KEY (clip_number, version) REFERENCES publications
);

CREATE TABLE models (
    name      text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    version   text NOT NULL,
    -- Of a vector; pgvector indexes up to 2,000.
    dimension integer NOT NULL CHECK (dimension BETWEEN 1 AND 2000)
);

-- Vectors of length 1 of the stills that can be found: those of active publications. The vectors of a
-- withdrawn one stay in the bucket.
CREATE TABLE embeddings (
    clip_number bigint NOT NULL,
    version     integer NOT NULL,
    model       text NOT NULL REFERENCES models,
    frame       integer NOT NULL,
    tags        text[] NOT NULL,
    embedding   vector NOT NULL,
    PRIMARY KEY (clip_number, version, model, frame),
    FOREIGN KEY (clip_number, version, frame) REFERENCES keyframes
);

CREATE INDEX embeddings_by_model ON embeddings (model, clip_number);

-- Makes a model known and its index, once. A model whose dimension changed needs another name, for the
-- vectors it has made can't be compared with those to come.
CREATE FUNCTION register_model(model_name text, model_version text, model_dimension integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    known models%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('register_model'));
    SELECT * INTO known FROM models WHERE name = model_name;
    IF FOUND AND known.dimension <> model_dimension THEN
        IF EXISTS (SELECT FROM embeddings WHERE model = model_name) THEN
            RAISE EXCEPTION 'model % has vectors of % dimensions, not %',
                model_name, known.dimension, model_dimension
                USING ERRCODE = 'check_violation', CONSTRAINT = 'models_dimension';
        END IF;
        EXECUTE format('DROP INDEX IF EXISTS %I', 'embeddings_hnsw_' || model_name);
    END IF;
    INSERT INTO models VALUES (model_name, model_version, model_dimension)
        ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, dimension = EXCLUDED.dimension;
    EXECUTE format(
        'CREATE INDEX IF NOT EXISTS %I ON embeddings USING hnsw ((embedding::vector(%s)) vector_cosine_ops) '
        'WHERE model = %L',
        'embeddings_hnsw_' || model_name, model_dimension, model_name);
END $$;
