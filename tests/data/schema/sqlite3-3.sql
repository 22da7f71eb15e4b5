CREATE TABLE IF NOT EXISTS used_insight (
    invitation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    last_accessed TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    document TEXT NOT NULL,
    digest TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (invitation_id, id)
) STRICT;
PRAGMA user_version = 102;
