CREATE TABLE IF NOT EXISTS used_insight (
    invitation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    last_accessed text COLLATE "C" NOT NULL,
    last_modified text COLLATE "C" NOT NULL,
    document text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (invitation_id, id)
);
COMMENT ON TABLE used_insight IS 'schema version 102';
