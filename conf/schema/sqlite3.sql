-- SPDX-License-Identifier: Apache-2.0
--
-- The table of mod_insights_used in SQLite. The module creates it at first use,
-- and changes that of an earlier version; use this file for reference, or to
-- create the table beforehand:
--
--     sqlite3 /var/lib/insights-used/used_insight.db < sqlite3.sql
--
-- as the user that httpd's children run as, in a directory that only that user
-- can write. Requires SQLite 3.38 (unixepoch). Leave the table as it is. You
-- can add indexes and other tables at any time, while httpd runs.
CREATE TABLE IF NOT EXISTS used_insight (
    -- The two keys, as in the URL: opaque, compared byte by byte.
    -- invitation_id is the invitation's id, or a tab (0x09) and the id of the
    -- user whose set it is. Keys have no control characters: no set has both.
    invitation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    -- 16 hex digits that identify the version: the part of the ETag in quotes.
    version TEXT NOT NULL,
    -- lastUsed/lastAccessedDateTime and lastModifiedDateTime in UTC, as
    -- 2026-01-02T03:04:05.000000000000. They sort as the instants do, also
    -- against dates that the database's own functions make. '' stands for null.
    last_accessed TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    -- The JSON object with the three members, as clients get it.
    document TEXT NOT NULL,
    -- The SHA-1 in hex of the document with which a create was made that can be
    -- repeated (Repeatability-Request-ID, Idempotency-Key); '' otherwise.
    digest TEXT NOT NULL DEFAULT '',
    -- When the row was last created or changed, by the clock of this machine, in
    -- seconds since 1970. insights-used-admin expire uses it, and its index.
    last_stored INTEGER NOT NULL DEFAULT (unixepoch()),
    PRIMARY KEY (invitation_id, id)
) STRICT;

CREATE INDEX IF NOT EXISTS used_insight_last_stored
    ON used_insight (last_stored);

-- The version of this schema.
PRAGMA user_version = 103;
