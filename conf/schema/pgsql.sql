-- SPDX-License-Identifier: Apache-2.0
--
-- The one table of mod_insights_used in PostgreSQL, 12 or later, in a database
-- whose encoding is UTF8. As the owner of that database:
--
--     psql -v ON_ERROR_STOP=1 -1 -f pgsql.sql insights
--
-- The module needs a role of its own, which owns nothing, and English messages,
-- by which it tells one error from another. As a superuser:
--
--     CREATE ROLE insights_used LOGIN PASSWORD '...';
--     ALTER ROLE insights_used SET lc_messages = 'C';
--
-- and after this file:
--
--     GRANT SELECT, INSERT, UPDATE, DELETE ON used_insight TO insights_used;
--
-- The table may be made under a running server, which then begins to use it.
-- Leave it as it is; indexes and other tables may be added at any time.
CREATE TABLE IF NOT EXISTS used_insight (
    -- The two keys, as in the URL: opaque, 1 to 255 bytes, compared byte by
    -- byte, which COLLATE "C" also does fastest.
    invitation_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    -- 16 hex digits that name this state of the record: the inside of its ETag.
    version text COLLATE "C" NOT NULL,
    -- lastUsed/lastAccessedDateTime and lastModifiedDateTime in UTC, as
    -- 2026-01-02T03:04:05.000000000000: comparing texts compares instants, and
    -- with what the database's own functions make; '' for null.
    last_accessed text COLLATE "C" NOT NULL,
    last_modified text COLLATE "C" NOT NULL,
    -- The JSON object with the three members, as it is returned: a text, since
    -- json types would not keep it byte by byte.
    document text COLLATE "C" NOT NULL,
    PRIMARY KEY (invitation_id, id)
);

-- For a table that is to grow beyond what one index serves well, put ")
-- PARTITION BY HASH (invitation_id);" in place of the last line and make the
-- partitions. Every statement of the module names the invitation, so each one
-- touches one partition only; their number cannot be changed later.
--
--     DO $$ BEGIN
--         FOR n IN 0..15 LOOP
--             EXECUTE format('CREATE TABLE used_insight_%s PARTITION OF'
--                 ' used_insight FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
--                 n, n);
--         END LOOP;
--     END $$;
