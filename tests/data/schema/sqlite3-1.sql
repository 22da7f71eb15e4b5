CREATE TABLE IF NOT EXISTS used_insight (
    invitation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    last_accessed TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (invitation_id, id)
) STRICT;
