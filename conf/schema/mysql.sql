-- SPDX-License-Identifier: Apache-2.0
--
-- The table of mod_insights_used in MariaDB 10.6 or later, alone or as a Galera
-- cluster. MySQL does not have the collation that it needs.
--
--     mariadb insights < mysql.sql
--
-- Give the module a user of its own, and preferably a database of its own:
--
--     CREATE USER insights_used@'%' IDENTIFIED BY '...';
--     GRANT SELECT, INSERT, UPDATE, DELETE ON insights.* TO insights_used@'%';
--
-- A password in InsightsUsedDBD must not contain blanks, ',', ';' or '|'.
--
-- Settings of the server, or of each node of a cluster:
--   innodb_flush_log_at_trx_commit = 1 (the default) and, with a binary log,
--     sync_binlog = 1 (not the default). Without them a commit is not durable,
--     and the module refuses to store.
--   binlog_format = MIXED (the default) or ROW. With STATEMENT the server warns
--     of each change of a used insight, and quotes the change in its log.
--   max_allowed_packet (default 16 MiB) limits one used insight. Set it to
--     twice InsightsUsedMaxBody, and to at least 4 MiB.
--
-- You can create the table while httpd runs; the module then begins to use it.
-- Leave the table as it is. You can add indexes and other tables at any time.
CREATE TABLE IF NOT EXISTS used_insight (
    -- The two keys, as in the URL: opaque, 1 to 255 bytes. The collation
    -- compares them byte by byte, including case, accents and trailing blanks.
    -- invitation_id is the invitation's id, or a tab (0x09) and the id of the
    -- user whose set it is. Keys have no control characters: no set has both.
    invitation_id varchar(256) NOT NULL,
    id varchar(255) NOT NULL,
    -- 16 hex digits that identify the version: the part of the ETag in quotes.
    version varchar(16) NOT NULL,
    -- lastUsed/lastAccessedDateTime and lastModifiedDateTime in UTC, as
    -- 2026-01-02T03:04:05.000000000000. They sort as the instants do, also
    -- against dates that the database's own functions make. '' stands for null.
    last_accessed varchar(32) NOT NULL,
    last_modified varchar(32) NOT NULL,
    -- The JSON object with the three members, as clients get it.
    document longtext NOT NULL,
    -- The SHA-1 in hex of the document with which a create was made that can be
    -- repeated (Repeatability-Request-ID, Idempotency-Key); '' otherwise.
    digest varchar(40) NOT NULL DEFAULT '',
    -- When the row was last created or changed, by the clock of this server, in
    -- seconds since 1970. insights-used-admin expire uses it, and its index.
    last_stored bigint NOT NULL DEFAULT (UNIX_TIMESTAMP()),
    PRIMARY KEY (invitation_id, id),
    KEY used_insight_last_stored (last_stored)
)
-- Only InnoDB makes commits durable. DYNAMIC allows keys of this length.
ENGINE = InnoDB
ROW_FORMAT = DYNAMIC
CHARACTER SET utf8mb4
COLLATE utf8mb4_nopad_bin
-- The version of this schema, by which the module knows what it can use. You can
-- have a comment of your own around these words.
COMMENT = 'schema version 103';

-- If the table will grow beyond what one index serves well, add "PARTITION BY
-- KEY (invitation_id) PARTITIONS 16" before the semicolon above. Every
-- statement of the module names the set and so touches only one partition.

-- For a table of an earlier version. Apply this file before you install the new
-- module: the old one can use the new table. To add the columns takes a moment,
-- whatever the size of the table; last_stored of old rows is the time of that
-- moment. The server works on while the index is made; a Galera cluster waits
-- for it.
ALTER TABLE used_insight
    MODIFY invitation_id varchar(256) NOT NULL,
    ADD COLUMN IF NOT EXISTS digest varchar(40) NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS last_stored bigint
        NOT NULL DEFAULT (UNIX_TIMESTAMP());
ALTER TABLE used_insight
    ADD KEY IF NOT EXISTS used_insight_last_stored (last_stored),
    COMMENT = 'schema version 103';
