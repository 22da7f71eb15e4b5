-- SPDX-License-Identifier: Apache-2.0
--
-- The one table of mod_insights_used in SQLite. The module makes it by itself
-- at first use; this file is for reading, and for making it beforehand:
--
--     sqlite3 /var/lib/insights-used/used_insight.db < sqlite3.sql
--
-- as the user that httpd's children run as, in a directory that only that user
-- can write. Needs SQLite 3.37 (STRICT). Leave this table as it is; indexes and
-- other tables may be added at any time, under a running server.
CREATE TABLE IF NOT EXISTS used_insight (
    -- The two keys, as in the URL: opaque, compared byte by byte.
    invitation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    -- 16 hex digits that name this state of the record: the inside of its ETag.
    version TEXT NOT NULL,
    -- lastUsed/lastAccessedDateTime and lastModifiedDateTime in UTC, as
    -- 2026-01-02T03:04:05.000000000000: comparing texts compares instants, and
    -- with what the database's own functions make; '' for null.
    last_accessed TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    -- The JSON object with the three members, as it is returned.
    document TEXT NOT NULL,
    PRIMARY KEY (invitation_id, id)
) STRICT;
