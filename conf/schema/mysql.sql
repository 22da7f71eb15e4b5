-- SPDX-License-Identifier: Apache-2.0
--
-- The one table of mod_insights_used in MariaDB, 10.6 or later, alone or as a
-- Galera cluster. (Not in MySQL: it has no such collation.)
--
--     mariadb insights < mysql.sql
--
-- The module needs a user of its own, and the database is best its own, too:
--
--     CREATE USER insights_used@'%' IDENTIFIED BY '...';
--     GRANT SELECT, INSERT, UPDATE, DELETE ON insights.* TO insights_used@'%';
--
-- A password in InsightsUsedDBD must be without blanks, ',', ';' and '|'. The
-- server, each node of a cluster, needs innodb_flush_log_at_trx_commit = 1 (the
-- default) and, where it writes a binary log, sync_binlog = 1 (not the default):
-- without them a commit is not durable, and the module refuses to store. Let
-- binlog_format be MIXED (the default) or ROW: with STATEMENT the server warns of
-- each change of a record, and its log quotes it.
-- max_allowed_packet (16 MiB) bounds one record: let it be twice
-- InsightsUsedMaxBody, and no less than 4 MiB.
--
-- The table may be made under a running server, which then begins to use it.
-- Leave it as it is; indexes and other tables may be added at any time.
CREATE TABLE IF NOT EXISTS used_insight (
    -- The two keys, as in the URL: opaque, 1 to 255 bytes. The collation
    -- compares them byte by byte: also case, accents and blanks at the end.
    invitation_id varchar(255) NOT NULL,
    id varchar(255) NOT NULL,
    -- 16 hex digits that name this state of the record: the inside of its ETag.
    version varchar(16) NOT NULL,
    -- lastUsed/lastAccessedDateTime and lastModifiedDateTime in UTC, as
    -- 2026-01-02T03:04:05.000000000000: comparing texts compares instants, and
    -- with what the database's own functions make; '' for null.
    last_accessed varchar(32) NOT NULL,
    last_modified varchar(32) NOT NULL,
    -- The JSON object with the three members, as it is returned.
    document longtext NOT NULL,
    PRIMARY KEY (invitation_id, id)
)
-- Only InnoDB keeps what is committed. DYNAMIC has room for keys of this length.
ENGINE = InnoDB
ROW_FORMAT = DYNAMIC
CHARACTER SET utf8mb4
COLLATE utf8mb4_nopad_bin;

-- For a table that is to grow beyond what one index serves well, add "PARTITION
-- BY KEY (invitation_id) PARTITIONS 16" before the last semicolon. Every
-- statement of the module names the invitation, so each one touches one
-- partition only.
