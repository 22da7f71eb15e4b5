-- SPDX-License-Identifier: Apache-2.0
--
-- The table of mod_insights_used in PostgreSQL 12 or later, in a database with
-- the encoding UTF8. As the owner of that database:
--
--     psql -v ON_ERROR_STOP=1 -1 -f pgsql.sql insights
--
-- Give the module a role of its own, which owns nothing, and English messages,
-- by which the module distinguishes errors. As a superuser:
--
--     CREATE ROLE insights_used LOGIN PASSWORD '...';
--     ALTER ROLE insights_used SET lc_messages = 'C';
--
-- and after this file:
--
--     GRANT SELECT, INSERT, UPDATE, DELETE ON used_insight TO insights_used;
--
-- You can create the table while httpd runs; the module then begins to use it.
-- Leave the table as it is. You can add indexes and other tables at any time.
CREATE TABLE IF NOT EXISTS used_insight (
    -- The two keys, as in the URL: opaque, 1 to 255 bytes. COLLATE "C" compares
    -- them byte by byte, and is the fastest.
    -- invitation_id is the invitation's id, or a tab (0x09) and the id of the
    -- user whose set it is. Keys have no control characters: no set has both.
    invitation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    -- 16 hex digits that identify the version: the part of the ETag in quotes.
    version text COLLATE "C" NOT NULL,
    -- lastUsed/lastAccessedDateTime and lastModifiedDateTime in UTC, as
    -- 2026-01-02T03:04:05.000000000000. They sort as the instants do, also
    -- against dates that the database's own functions make. '' stands for null.
    last_accessed text COLLATE "C" NOT NULL,
    last_modified text COLLATE "C" NOT NULL,
    -- The JSON object with the three members, as clients get it. It is a text,
    -- because json types would not keep it byte by byte.
    document text COLLATE "C" NOT NULL,
    -- The SHA-1 in hex of the document with which a create was made that can be
    -- repeated (Repeatability-Request-ID, Idempotency-Key); '' otherwise.
    digest text COLLATE "C" NOT NULL DEFAULT '',
    -- When the row was last created or changed, by the clock of this server, in
    -- seconds since 1970. insights-used-admin expire uses it, and its index.
    last_stored bigint NOT NULL DEFAULT floor(extract(epoch FROM now())),
    PRIMARY KEY (invitation_id, id)
);

-- If the table will grow beyond what one index serves well, replace the last
-- line above with ") PARTITION BY HASH (invitation_id);" and create the
-- partitions. Every statement of the module names the set and so touches only
-- one partition. The number of partitions cannot be changed later.
--
--     DO $$ BEGIN
--         FOR n IN 0..15 LOOP
--             EXECUTE format('CREATE TABLE used_insight_%s PARTITION OF'
--                 ' used_insight FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
--                 n, n);
--         END LOOP;
--     END $$;

-- For a table of an earlier version. Apply this file before you install the new
-- module: the old one can use the new table. To add the columns takes a moment,
-- whatever the size of the table; last_stored of old rows is the time of that
-- moment. Nobody can write while the index is made. To avoid that, run the ALTER
-- TABLE alone, then the CREATE INDEX with CONCURRENTLY, then this file.
ALTER TABLE used_insight
    ADD COLUMN IF NOT EXISTS digest text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS last_stored bigint
        NOT NULL DEFAULT floor(extract(epoch FROM now()));
CREATE INDEX IF NOT EXISTS used_insight_last_stored
    ON used_insight (last_stored);

-- The version of this schema, by which the module knows what it can use. You can
-- have a comment of your own around these words.
COMMENT ON TABLE used_insight IS 'schema version 103';
